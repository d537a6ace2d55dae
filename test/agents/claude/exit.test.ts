import { describe, expect, it } from "vitest";
import {
  exitOutputs,
  StartError,
  startOutputs,
  stderrText,
} from "../../../src/agents/claude/exit.ts";
import { ChildGone } from "../../../src/io/child.ts";

const interrupted = [{ type: "turn.ended", outcome: { status: "interrupted" } }];
const stderr = { head: "starting\n", tail: "not today\n", truncated: false };

function failed(code: string, message: string, details: unknown) {
  return [
    { type: "error", error: { code, message, details }, synthetic: true },
    { type: "turn.ended", outcome: { status: "failed", error: { code, message } } },
  ];
}

it("reads all that is kept of stderr", () => {
  expect(stderrText(stderr)).toBe("starting\n\nnot today\n");
  expect(stderrText({ truncated: false })).toBe("");
});

describe("an exit in mid turn", () => {
  it.each([
    [{ code: 3, signal: null }, "the agent exited in mid turn (exit code 3): not today"],
    [{ code: null, signal: "SIGKILL" }, "the agent exited in mid turn (signal SIGKILL): not today"],
  ] as const)("fails the turn and says how it was: %j", (exit, message) => {
    const details = { exitCode: exit.code, signal: exit.signal, stderr };
    expect(exitOutputs(exit, stderr, false)).toEqual(failed("process_exit", message, details));
  });

  it("says nothing of a stderr that is empty", () => {
    const [error] = exitOutputs({ code: 1, signal: null }, { truncated: false }, false);
    expect(error).toMatchObject({
      error: { message: "the agent exited in mid turn (exit code 1)" },
    });
  });

  it("that was wanted interrupts the turn", () => {
    expect(exitOutputs({ code: 143, signal: null }, stderr, true)).toEqual(interrupted);
  });
});

describe("a start that fails", () => {
  const missing = {
    code: null,
    signal: null,
    error: { code: "ENOENT", message: "/opt/claude does not exist" },
  };

  it("fails the turn with the reason that the system gave", () => {
    const cause = new StartError(missing, { truncated: false });
    const message = "the agent could not be started: /opt/claude does not exist";
    const details = { exitCode: null, signal: null, stderr: { truncated: false } };
    expect(startOutputs(cause, false)).toEqual(failed("process_start", message, details));
  });

  it("for another reason fails the turn all the same", () => {
    const cause = new Error("the child does not read its input");
    expect(startOutputs(cause, false)).toEqual(failed("process_start", cause.message, null));
  });

  it.each([
    [stderr, "the agent could not be started: no answer to initialize: not today"],
    [{ truncated: false }, "the agent could not be started: no answer to initialize"],
  ])("because the agent did not do its part says so, not how it was ended", (said, message) => {
    const reason = { cause: new Error("no answer to initialize") };
    const exit = { code: null, signal: "SIGTERM" } as const;
    const cause = new StartError(exit, said, false, reason);
    const details = { exitCode: null, signal: "SIGTERM", stderr: said };
    expect(startOutputs(cause, false)).toEqual(failed("process_start", message, details));
  });

  it("because the agent left says how it left", () => {
    const reason = { cause: new ChildGone("the agent exited") };
    const cause = new StartError({ code: 1, signal: null }, stderr, false, reason);
    expect(cause.message).toBe("the agent could not be started (exit code 1): not today");
  });

  it("while the turn is being stopped interrupts it", () => {
    expect(startOutputs(new StartError(missing, stderr), true)).toEqual(interrupted);
  });

  it("because the CLI has lost the conversation ends the session", () => {
    const cause = new StartError({ code: 1, signal: null }, stderr, true);
    const message = "the agent could not be started (exit code 1): not today";
    expect(startOutputs(cause, false)).toEqual([
      {
        type: "error",
        error: {
          code: "process_start",
          message,
          details: { exitCode: 1, signal: null, stderr },
        },
        synthetic: true,
      },
      {
        type: "session.ended",
        data: { reason: "error", terminated_by: "agent", message, exit_code: 1, stderr },
      },
    ]);
  });
});
