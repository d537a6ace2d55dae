import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { expectUsable, StandInDaemon, untilArrived } from "../../support/stand-in.ts";

const MiB = 2 ** 20;

let daemon: StandInDaemon;

beforeAll(async () => {
  daemon = await StandInDaemon.start({ agent: "amp" });
});

afterAll(() => daemon[Symbol.asyncDispose]());

const ways = [
  ["exit-0", /exit code 0/],
  ["exit-1", /no such luck/],
  ["SIGKILL", /SIGKILL/],
  ["SIGTERM", /SIGTERM/],
] as const;

describe.concurrent.each(["start", "message", "turn"])("Amp that leaves at %s", (stage) => {
  it.each(ways)("by %s fails the turn, says how, and answers the next message", (way, words) => {
    const fault = `${stage}/${way}`;
    const early = stage === "start";
    return daemon.session(
      async (session) => {
        const turn = session.run(early ? "hello" : fault);
        const [ended] = await Promise.all([turn, daemon.expectServing()]);
        expect(ended).toMatchObject({ status: "failed" });
        expect(session.of("error")).toHaveLength(1);
        expect(JSON.stringify(session.of("error"))).toMatch(words);
        await expectUsable(session);
      },
      early ? { fault } : {},
    );
  });
});

const hangs = [
  ["before it says a word", "start/ignore-requests+ignore-sigterm+hang", "hello"],
  ["before it reads a message larger than its pipe", "start/stop-reading", "x".repeat(8 * MiB)],
  ["in mid turn", undefined, "turn/hang"],
  ["and ignores SIGINT", undefined, "turn/ignore-requests+hang"],
  [
    "and ignores SIGINT, the end of its input and SIGTERM",
    undefined,
    "turn/ignore-requests+ignore-eof+ignore-sigterm+hang",
  ],
] as const;

describe.concurrent.each(hangs)("Amp that hangs %s", { timeout: 180_000 }, (_, fault, message) => {
  it("can be interrupted, and answers the next message", () =>
    daemon.session(
      async (session, executable) => {
        const turn = await session.send(message);
        // The stand-in prints the id of its thread before it hangs.
        const hangs = async () => expect((await session.info()).nativeSessionId).toMatch(/^T-/);
        if (fault === undefined) await vi.waitFor(hangs, { timeout: 60_000 });
        else await untilArrived(executable);
        await daemon.expectServing();
        expect(await session.info()).toMatchObject({ status: "running" });
        await session.interrupt();
        expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
        expect(session.of("error")).toEqual([]);
        await expectUsable(session);
      },
      fault === undefined ? {} : { fault },
    ));
});

it("Amp whose executable has gone fails each turn until it is back", () =>
  daemon.session(async (session, executable) => {
    await rm(executable.path);
    for (const message of ["one", "two"]) {
      const [ended] = await Promise.all([session.run(message), daemon.expectServing()]);
      expect(ended).toMatchObject({ status: "failed", error: { code: "process_start" } });
    }
    await executable.write();
    await expectUsable(session);
  }));

it.each([
  ["a line of 64 MiB", "long-line+end-line", /longer than the limit/],
  ["bytes that are no UTF-8", "invalid-utf8", /not JSON/],
  ["binary rubbish", "rubbish", /not JSON/],
])("%s of Amp is told, and the turn goes on", (_, deed, words) =>
  daemon.session(
    async (session) => {
      const turn = session.run(`turn/${deed}`);
      const [ended] = await Promise.all([turn, daemon.expectServing()]);
      expect(ended).toMatchObject({ status: "completed" });
      expect(session.of("agent.unparsed")[0]?.data.error).toMatch(words);
      expect(session.said()).toEqual(["Hello there."]);
      await expectUsable(session);
    },
    { garbled: true },
  ),
);

it("JSON of Amp that is no message does no harm and is shown", () =>
  daemon.session(
    async (session) => {
      expect(await session.run("turn/odd-json")).toMatchObject({ status: "completed" });
      expect(session.of("agent.unparsed")).toEqual([]);
      expect(JSON.stringify(session.of("item.completed"))).toContain('"type":"news"');
      await expectUsable(session);
    },
    { garbled: true },
  ));

it("stderr of Amp that never ends costs no memory and does not hold up the turns", () =>
  daemon.session(async (session) => {
    const before = await daemon.peakMemory();
    expect(await session.run("turn/flood-stderr")).toMatchObject({ status: "completed" });
    for (let turn = 0; turn < 20; turn++) await expectUsable(session);
    await daemon.expectFloodSpares(session, before);
  }));

it("a process that Amp leaves behind, holding stdout, does not keep the turn from failing and goes with it", () =>
  daemon.session(async (session) => {
    const turn = session.run("turn/leave-grandchild+exit-1");
    const [ended] = await Promise.all([turn, daemon.expectServing()]);
    expect(ended).toMatchObject({ status: "failed" });
    await expect.poll(() => session.processes()).toEqual([]);
    await expectUsable(session);
  }));
