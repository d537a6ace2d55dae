import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import { expectUsable, StandInDaemon, untilArrived } from "../../support/stand-in.ts";
import { STAND_INS, type StandInExecutable, standInIds } from "../../support/stand-ins.ts";
import { itIf } from "../../support/it-if.ts";

const MiB = 2 ** 20;

const speaking = (session: LiveSession) => session.until("item.delta");
const permitting = (session: LiveSession) => session.permission();
const permitted = (session: LiveSession) => session.reply("once");
const asking = (session: LiveSession) => session.question();
const arrived = (_: LiveSession, executable: StandInExecutable) => untilArrived(executable);
/** The process that it leaves behind is the only sign that the message has arrived. */
const hasGrandchild = (session: LiveSession) =>
  vi.waitFor(async () => expect(await session.processes()).toHaveLength(2), { timeout: 60_000 });

const large = "x".repeat(8 * MiB);

interface Hang {
  how: string;
  /** What goes wrong before the first message. */
  fault?: string;
  message: string;
  /** When it hangs. */
  until: (session: LiveSession, executable: StandInExecutable) => Promise<unknown>;
}

const everywhere: Hang[] = [
  { how: "never answers the handshake", fault: "handshake/hang", message: "hello", until: arrived },
  { how: "hangs in mid turn", message: "turn/hang", until: speaking },
  {
    how: "ignores the request to stop",
    message: "turn/ignore-requests+hang",
    until: speaking,
  },
  {
    how: "ignores it with a permission open",
    message: "permission/ignore-requests+hang",
    until: permitting,
  },
  {
    how: "ignores it with a question open",
    message: "question/ignore-requests+hang",
    until: asking,
  },
  {
    how: "ignores it, the end of its input and SIGTERM",
    message: "turn/ignore-requests+ignore-eof+ignore-sigterm+hang",
    until: speaking,
  },
];

const overPipes: Hang[] = [
  {
    how: "reads nothing any more when it is permitted what it asked for",
    message: "permission/stop-reading",
    until: permitted,
  },
  {
    how: "never reads a message larger than its pipe",
    fault: "ready/stop-reading",
    message: large,
    until: arrived,
  },
];

const ofServers: Hang[] = [
  { how: "says nothing when it is started", fault: "start/hang", message: "hello", until: arrived },
  {
    how: "never says that it has a message",
    message: "message/leave-grandchild+answer-nothing",
    until: hasGrandchild,
  },
];

const hangs = {
  claude: [...everywhere, ...overPipes],
  codex: [
    ...everywhere,
    ...overPipes,
    ...ofServers,
    {
      how: "never says that it knows the conversation",
      fault: "session/answer-nothing+ignore-requests",
      message: "hello",
      until: arrived,
    },
  ],
  opencode: [
    ...everywhere,
    ...ofServers,
    {
      how: "says only rubbish when it is started",
      fault: "start/flood-stdout+flood-stderr+ignore-sigterm+hang",
      message: "hello",
      until: arrived,
    },
  ],
} satisfies Record<string, Hang[]>;

describe.each(standInIds)("%s", (agent) => {
  let daemon: StandInDaemon;

  beforeAll(async () => {
    daemon = await StandInDaemon.start({ agent });
  });

  afterAll(() => daemon[Symbol.asyncDispose]());

  /** Brings a session to where it hangs; gives the turn that does not end. */
  async function hangUp(
    session: LiveSession,
    executable: StandInExecutable,
    { message, until }: Hang,
  ): Promise<string> {
    const turn = await session.send(message);
    await until(session, executable);
    await daemon.expectServing();
    expect(session.of("turn.ended")).toEqual([]);
    expect(await session.info()).toMatchObject({ status: "running" });
    return turn;
  }

  // At once: most of the time is waiting for a deadline.
  describe.concurrent.each<Hang>(hangs[agent])("that $how", { timeout: 300_000 }, (hang) => {
    const options = hang.fault === undefined ? {} : { fault: hang.fault };

    it("can be interrupted, and answers the next message", () =>
      daemon.session(async (session, executable) => {
        const turn = await hangUp(session, executable, hang);
        await Promise.all([session.interrupt(), daemon.expectServing()]);
        expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
        expect(session.of("error")).toEqual([]);
        await expectUsable(session);
      }, options));

    it("can be terminated", () =>
      daemon.session(async (session, executable) => {
        await hangUp(session, executable, hang);
        await Promise.all([session.finish([], STAND_INS[agent]), daemon.expectServing()]);
        expect(session.of("turn.ended").map(({ data }) => data.metadata.status)).toEqual([
          "interrupted",
        ]);
        expect(session.of("session.ended")).toMatchObject([{ data: { reason: "terminated" } }]);
      }, options));
  });

  describe("a process that it leaves behind in a session of its own, holding stdout,", () => {
    it.each([
      ["silent", "turn/leave-grandchild+exit-1", false],
      ["printing for ever", "turn/leave-noisy-grandchild+exit-1", true],
    ])("%s, does not keep the turn from failing and goes with it", (_, fault, garbled) =>
      daemon.session(
        async (session) => {
          const [ended] = await Promise.all([session.run(fault), daemon.expectServing()]);
          expect(ended).toMatchObject({ status: "failed", error: { code: "process_exit" } });
          await expect.poll(() => session.processes()).toEqual([]);
          await expectUsable(session);
        },
        { garbled },
      ),
    );

    itIf(agent === "claude", "goes with the session", () =>
      daemon.session(async (session) => {
        expect(await session.run("turn/leave-grandchild")).toMatchObject({ status: "completed" });
        await expect.poll(() => session.processes()).toHaveLength(2);
        await session.finish();
      }),
    );

    itIf(STAND_INS[agent].shared, "goes with its server", () =>
      daemon.session(async (session) => {
        expect(await session.run("turn/leave-grandchild")).toMatchObject({ status: "completed" });
        await expect.poll(() => session.processes()).toHaveLength(2);
        expect(await session.run("turn/SIGKILL")).toMatchObject({ status: "failed" });
        await expect.poll(() => session.processes()).toEqual([]);
        await expectUsable(session);
      }),
    );
  });

  itIf(
    STAND_INS[agent].shared,
    "that answers nothing is ended: the turns of its other sessions fail, and all go on",
    async () => {
      const executable = await daemon.standIn();
      const sessions = await Promise.all([daemon.open(executable), daemon.open(executable)]);
      const [one, other] = sessions;
      const turn = await other.send("turn/hang");
      await other.until("item.delta");
      const hung = await one.send("turn/ignore-requests+hang");
      await one.until("item.delta");
      const [{ pid } = { pid: 0 }] = await one.processes();
      await one.interrupt();
      expect(await one.turnEnded(hung)).toMatchObject({ status: "interrupted" });
      expect(await other.turnEnded(turn)).toMatchObject({
        status: "failed",
        error: {
          code: "process_exit",
          message: expect.stringMatching(/no answer to .* within 5 s/),
        },
      });
      for (const session of sessions) await expectUsable(session);
      expect((await one.processes()).map((process) => process.pid)).not.toContain(pid);
      for (const session of sessions) await session.finish([], STAND_INS[agent]);
    },
  );
});
