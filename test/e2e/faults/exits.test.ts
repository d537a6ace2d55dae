import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectUsable, StandInDaemon } from "../../support/stand-in.ts";

let daemon: StandInDaemon;

beforeAll(async () => {
  daemon = await StandInDaemon.start();
});

afterAll(() => daemon[Symbol.asyncDispose]());

/** How the agent leaves, and what the error says of it. */
const ways = [
  ["exit-0", { exitCode: 0, signal: null }, /exit code 0/],
  ["exit-1", { exitCode: 1, signal: null }, /exit code 1\): no such luck$/],
  ["SIGKILL", { exitCode: null, signal: "SIGKILL" }, /signal SIGKILL/],
  ["SIGTERM", { exitCode: null, signal: "SIGTERM" }, /signal SIGTERM/],
] as const;

/** When it leaves: before or after it is told a message, and what the turn has to show by then. */
const stages = [
  ["before it says a word", "start", "process_start", []],
  ["in the middle of the handshake", "handshake", "process_start", []],
  ["before it reads the message", "ready", "process_exit", []],
  ["as soon as it has read the message", "message", "process_exit", []],
  ["in mid turn", "turn", "process_exit", ["item.delta"]],
  ["with a permission open", "permission", "process_exit", ["permission.requested"]],
  ["with a question open", "question", "process_exit", ["question.requested"]],
] as const;

const unnamed = ["start", "handshake", "ready"];

describe.each(stages)("an agent that leaves %s", (_, stage, code, shown) => {
  it.each(ways)(
    "by %s fails the turn as " + code + " and answers the next message",
    async (way, details, words) => {
      const fault = `${stage}/${way}`;
      const early = unnamed.includes(stage);
      await daemon.session(
        async (session) => {
          const turn = session.run(early ? "hello" : fault);
          const [ended] = await Promise.all([turn, daemon.expectServing()]);
          const message = expect.stringMatching(words);
          expect(ended).toMatchObject({ status: "failed", error: { code, message } });
          expect(session.of("error")).toMatchObject([
            { data: { code, message, details }, synthetic: true },
          ]);
          for (const type of shown) expect(session.of(type)).toHaveLength(1);
          expect(await session.info()).toMatchObject({
            status: "idle",
            pendingPermissions: [],
            pendingQuestions: [],
            lastError: { code },
          });
          await expectUsable(session);
        },
        early ? { fault } : {},
      );
    },
  );
});

it("an agent that leaves each time it reads a later message fails that turn, once", () =>
  daemon.session(async (session) => {
    await expectUsable(session);
    const { eventCount } = await session.info();
    expect(await session.run("message/exit-1")).toMatchObject({
      status: "failed",
      error: { code: "process_exit" },
    });
    expect(session.of("error")).toHaveLength(1);
    // The turn's start, the message begun and completed, the error, the turn's end.
    expect(await session.info()).toMatchObject({ eventCount: eventCount + 5 });
    await expectUsable(session);
  }));
