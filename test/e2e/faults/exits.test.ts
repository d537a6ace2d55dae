import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectUsable, StandInDaemon } from "../../support/stand-in.ts";
import { STAND_INS, standInIds } from "../../support/stand-ins.ts";
import { itIf } from "../../support/it-if.ts";

/** How the agent leaves, and what the error says of it. */
const ways = [
  ["exit-0", { exitCode: 0, signal: null }, /exit code 0/],
  ["exit-1", { exitCode: 1, signal: null }, /exit code 1\): no such luck$/],
  ["SIGKILL", { exitCode: null, signal: "SIGKILL" }, /signal SIGKILL/],
  ["SIGTERM", { exitCode: null, signal: "SIGTERM" }, /signal SIGTERM/],
] as const;

/** When it leaves: before or after it is told a message, and what the turn has to show by then. */
const stages = [
  ["before it says a word", "start", []],
  ["in the middle of the handshake", "handshake", []],
  ["before it reads the message", "ready", []],
  ["as soon as it has read the message", "message", []],
  ["in mid turn", "turn", ["item.delta"]],
  ["with a permission open", "permission", ["permission.requested"]],
  ["with a question open", "question", ["question.requested"]],
] as const;

const unnamed = ["start", "handshake", "ready"];

/** A shared server is asked for its conversation first, or for the message at once. */
const atReady = { claude: /^process_exit$/, codex: /^process_start$/, opencode: /^process_/ };

describe.each(standInIds)("%s", (agent) => {
  let daemon: StandInDaemon;

  beforeAll(async () => {
    daemon = await StandInDaemon.start({ agent });
  });

  afterAll(() => daemon[Symbol.asyncDispose]());

  function codeAt(stage: (typeof stages)[number][1]): RegExp {
    if (stage === "ready") return atReady[agent];
    return unnamed.includes(stage) ? /^process_start$/ : /^process_exit$/;
  }

  // At once: a server that has died is started again after a while.
  describe.concurrent.each(stages)("that leaves %s", (_, stage, shown) => {
    it.each(ways)(
      "by %s fails the turn, says how it has left, and answers the next message",
      async (way, details, words) => {
        const fault = `${stage}/${way}`;
        const early = unnamed.includes(stage);
        await daemon.session(
          async (session) => {
            const turn = session.run(early ? "hello" : fault);
            const [ended] = await Promise.all([turn, daemon.expectServing()]);
            const message = expect.stringMatching(words);
            const code = expect.stringMatching(codeAt(stage));
            expect(ended).toMatchObject({ status: "failed", error: { code, message } });
            expect(session.of("error")).toMatchObject([
              { data: { code: ended.error?.code, message, details }, synthetic: true },
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

  it("that leaves each time it reads a later message fails that turn, once", () =>
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

  itIf(
    STAND_INS[agent].shared,
    "that leaves in mid turn fails the turns of all its sessions, and all go on",
    async () => {
      const executable = await daemon.standIn();
      const sessions = await Promise.all([daemon.open(executable), daemon.open(executable)]);
      const [one, other] = sessions;
      const turn = await other.send("turn/hang");
      await other.until("item.delta");
      const failed = { status: "failed", error: { code: "process_exit" } };
      expect(await one.run("turn/SIGKILL")).toMatchObject(failed);
      expect(await other.turnEnded(turn)).toMatchObject(failed);
      for (const session of sessions) {
        expect(session.of("error")).toHaveLength(1);
        await expectUsable(session);
        await session.finish([], STAND_INS[agent]);
      }
    },
  );
});
