import { describe, expect, it } from "vitest";
import { exitOutputs, type Leave } from "../../../src/agents/amp/exit.ts";
import { addUsage, codeOf } from "../../../src/agents/amp/outcome.ts";

it.each([
  ["Unauthorized Check your access token.", "auth"],
  ['401 {"type":"error","error":{"type":"authentication_error"}}', "auth"],
  ["Rate Limit Hit Try again shortly.", "rate_limit"],
  ['429 {"type":"error","error":{"type":"rate_limit_error"}}', "rate_limit"],
  ["Usage Quota Exceeded none left", "rate_limit"],
  ["Model Provider Overloaded Try again in a few seconds.", "overloaded"],
  ["529 overloaded_error", "overloaded"],
  [
    "Context Limit Reached This conversation has reached the context window limit.",
    "context_window",
  ],
  ["Network Error Cannot reach Amp servers.", "network"],
  ["Model Stream Timed Out The model stopped sending data", "network"],
  ["terminated", "network"],
  ["Out of Credits Add credits to keep using Amp.", "api"],
  ["Expected property name or '}' in JSON at position 1", "api"],
])("the words %j mean %s", (words, code) => {
  expect(codeOf(words)).toBe(code);
});

it("usage counts what was cached as input, and adds up over the answers of a turn", () => {
  const used = {
    input_tokens: 100,
    output_tokens: 42,
    cache_creation_input_tokens: 20,
    cache_read_input_tokens: 30,
  };
  expect(addUsage(addUsage(undefined, used), { input_tokens: 1, output_tokens: 2 })).toEqual({
    input_tokens: 151,
    output_tokens: 44,
    cached_input_tokens: 30,
    total_tokens: 195,
  });
});

describe("a process that goes in mid turn", () => {
  const leave = (more: Partial<Leave>, stderr = ""): Leave => ({
    exit: { code: 1, signal: null },
    stderr: { head: stderr, truncated: false },
    keyless: false,
    spoke: false,
    resumed: false,
    ...more,
  });
  const errorOf = (left: Leave) => {
    const [error] = exitOutputs(left, false);
    return error?.type === "error" ? error.error : undefined;
  };

  it("fails it with the CLI's reason, not with the advice below it", () => {
    const stderr = "Error: Unexpected error inside Amp CLI.\nUse 'feedback: report bug'.\n";
    expect(errorOf(leave({}, stderr))).toMatchObject({
      code: "process_start",
      message: "the agent could not be started (exit code 1): Unexpected error inside Amp CLI.",
    });
  });

  it.each([
    ["Error: Invalid or missing API key. Run 'amp login' to authenticate.", "auth"],
    ["Error: Couldn't connect to the Amp server at http://x/.", "network"],
    ["Error: Amp server returned an error. Try again in a moment.", "api"],
  ])("(%s) fails it as %s", (stderr, code) => {
    expect(errorOf(leave({}, stderr))).toMatchObject({ code });
  });

  it("after it has spoken, by a signal, fails it as process_exit", () => {
    const exit = { code: null, signal: "SIGKILL" } as const;
    expect(errorOf(leave({ exit, spoke: true }))).toMatchObject({ code: "process_exit" });
  });

  it("that has no key fails it as auth", () => {
    expect(errorOf(leave({ keyless: true }))).toMatchObject({ code: "auth" });
  });

  it("because its thread is gone ends the session, but not where it began one", () => {
    const stderr = "Thread http://x/threads/T-1 does not exist.";
    const types = (left: Leave) => exitOutputs(left, false).map(({ type }) => type);
    expect(types(leave({ resumed: true }, stderr))).toEqual(["error", "session.ended"]);
    expect(types(leave({}, stderr))).toEqual(["error", "turn.ended"]);
  });

  it("because it was stopped is no error", () => {
    expect(exitOutputs(leave({}), true)).toEqual([
      { type: "turn.ended", outcome: { status: "interrupted" } },
    ]);
  });
});
