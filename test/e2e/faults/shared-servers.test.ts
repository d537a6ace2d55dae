import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serverStatus } from "../../support/server-status.ts";
import { expectUsable, StandInDaemon, untilArrived } from "../../support/stand-in.ts";
import { STAND_INS } from "../../support/stand-ins.ts";

const names = { codex: "codex app-server", opencode: "opencode serve" };

/** What a server does wrong while the first session is created, and what is said of it. */
const everywhere: [fault: string, words: RegExp][] = [
  ["start/exit-0", /has ended \(exit code 0\)/],
  ["start/exit-1", /has ended \(exit code 1\): no such luck/],
  ["handshake/SIGKILL", /has ended \(signal SIGKILL\)/],
  ["session/exit-1", /has ended \(exit code 1\): no such luck/],
];

const creations = {
  codex: [
    ...everywhere,
    ["handshake/refuse", /could not be started: not today/],
    ["session/refuse", /not today/],
    ["session/answer-nonsense", /the answer to thread\/start is not understood/],
  ] as [string, RegExp][],
  opencode: [
    ...everywhere,
    ["handshake/answer-500", /could not be started: no stream of events/],
    ["session/answer-500", /not today/],
    ["session/answer-garbage", /the answer to POST \/session is not understood/],
    ["session/answer-endless", /the answer to POST \/session is too long/],
    ["session/answer-half", /./],
    ["session/answer-hang-up", /./],
  ] as [string, RegExp][],
};

const agents = ["codex", "opencode"] as const;

describe.each(agents)("%s", (agent) => {
  let daemon: StandInDaemon;

  beforeAll(async () => {
    daemon = await StandInDaemon.start({ agent });
  });

  afterAll(() => daemon[Symbol.asyncDispose]());

  it.concurrent.each(creations[agent])(
    "whose server fails by %s lets no session be created, says why, and the next is",
    async (fault, words) => {
      const executable = await daemon.standIn(fault);
      await expect(daemon.open(executable)).rejects.toThrow(words);
      await daemon.expectServing();
      const session = await daemon.open(executable);
      await expectUsable(session);
      await session.finish([], STAND_INS[agent]);
    },
  );

  it("whose server dies while two sessions are created fails both, and both are created again", async () => {
    const executable = await daemon.standIn("session/SIGKILL");
    const failed = await Promise.allSettled([daemon.open(executable), daemon.open(executable)]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    for (const one of failed) {
      expect(String(one.status === "rejected" && one.reason)).toContain("signal SIGKILL");
    }
    const sessions = await Promise.all([daemon.open(executable), daemon.open(executable)]);
    for (const session of sessions) {
      await expectUsable(session);
      await session.finish([], STAND_INS[agent]);
    }
  });

  it("whose server dies each time it is started is not started for ever, and says so", async () => {
    await using other = await StandInDaemon.start({ agent });
    const executable = await other.standIn();
    const session = await other.open(executable);
    await executable.write("start/exit-1", "always");
    expect(await session.run("message/exit-1")).toMatchObject({ status: "failed" });
    for (const _ of [1, 2, 3]) {
      expect(await session.run("hello")).toMatchObject({
        status: "failed",
        error: { code: "process_start", message: expect.stringContaining("no such luck") },
      });
    }
    const loop = `${names[agent]} has ended 4 times within a minute and is not started again for now`;
    expect(await session.run("hello")).toMatchObject({
      status: "failed",
      error: { code: "process_start", message: expect.stringContaining(loop) },
    });
    // The server has not been started once more.
    expect(await serverStatus(other.daemon.url, agent)).toEqual({
      status: "error",
      restartCount: 3,
      lastError: `${names[agent]} has ended (exit code 1): no such luck`,
      stderr: { head: "no such luck", truncated: false, total_lines: 1 },
    });
    await other.expectServing();
    await expect(other.open(executable)).rejects.toThrow(loop);
    await session.finish([], STAND_INS[agent]);
  });

  it("the daemon stops while sessions are being created whose servers hang at each stage", async () => {
    await using other = await StandInDaemon.start({ agent, alone: true });
    const faults = ["start/hang", "handshake/hang", "session/ignore-requests+hang"];
    const executables = await Promise.all(faults.map((fault) => other.standIn(fault)));
    const created = executables.map((executable) =>
      other.open(executable).catch((cause: unknown) => String(cause)),
    );
    await Promise.all(executables.map(untilArrived));
    expect(await other.daemon.stop(), other.daemon.stderr()).toEqual({ code: 0, signal: null });
    for (const [index, fault] of faults.entries()) {
      expect(await created[index], fault).toMatch(/shutting down|fetch failed/);
    }
  });

  it("the daemon stops while a message waits for the server to start", async () => {
    await using other = await StandInDaemon.start({ agent, alone: true });
    const executable = await other.standIn();
    const session = await other.open(executable);
    expect(await session.run("turn/exit-1")).toMatchObject({ status: "failed" });
    await executable.write("start/hang");
    await session.send("hello");
    await untilArrived(executable);
    expect(await other.daemon.stop(), other.daemon.stderr()).toEqual({ code: 0, signal: null });
    await session.until("session.ended");
    expect(session.of("turn.ended").at(-1)?.data.metadata).toMatchObject({ status: "interrupted" });
  });
});

it("the daemon stops at any moment after a session of each is asked for, and leaves no server", async () => {
  for (const ms of [0, 10, 30, 60, 100, 200]) {
    await using daemon = await StandInDaemon.start({ alone: true });
    const executables = await Promise.all(agents.map((agent) => daemon.standIn(undefined, agent)));
    const created = executables.map(async (executable) => {
      const session = await daemon.open(executable);
      await session.send("hello");
    });
    const settled = Promise.allSettled(created);
    // The moment of the end is the stimulus.
    await sleep(ms);
    expect(await daemon.daemon.stop(), daemon.daemon.stderr()).toEqual({ code: 0, signal: null });
    await settled;
  }
});
