import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import { expectUsable, StandInDaemon } from "../../support/stand-in.ts";

const MiB = 2 ** 20;
/** The longest line that is read. */
const LINE_LIMIT = 32 * MiB;

/** The messages of the events that tell of what is no line of the protocol. */
function unparsed(session: LiveSession): string[] {
  return session.of("agent.unparsed").map(({ data }) => data.error);
}

/** What the CLI printed in place of a line of the protocol. */
async function rawUnparsed(session: LiveSession): Promise<unknown[]> {
  const events = await session.raw();
  return events.flatMap(({ type, raw }) => (type === "agent.unparsed" ? [raw] : []));
}

/** What stands in items of kind `unknown`. */
function unknown(session: LiveSession): unknown[] {
  const items = session.of("item.completed").map(({ data }) => data.item);
  return items.flatMap(({ kind, content }) =>
    kind === "unknown" ? content.map((part) => part.type === "json" && part.json) : [],
  );
}

/** What stands there for JSON that is no message. */
const odd = {
  claude: [{}, [], 5, true, "text", { type: 5 }, { type: "result" }],
  codex: [
    ...[{}, [], 5, true, null, "text", { method: 5 }].map((params) => ({ method: "none", params })),
    expect.objectContaining({ method: "news" }),
    { method: "item/completed", params: { type: "news" } },
  ],
};

/** The same of JSON with bytes that are no UTF-8. */
const replaced = {
  claude: { type: "bad \uFFFD" },
  codex: { method: "none", params: { type: "bad \uFFFD" } },
};

describe.each(["claude", "codex"] as const)("%s", (agent) => {
  let daemon: StandInDaemon;

  beforeAll(async () => {
    daemon = await StandInDaemon.start({ agent });
  });

  afterAll(() => daemon[Symbol.asyncDispose]());

  /** A turn in which the agent prints what it should not, and says the rest as if nothing were. */
  async function expectWhole(session: LiveSession, fault: string): Promise<void> {
    const before = session.said().length;
    const [ended] = await Promise.all([session.run(fault), daemon.expectServing()]);
    expect(ended).toMatchObject({ status: "completed" });
    expect(session.said().slice(before)).toEqual(["Hello there."]);
    expect(session.of("error")).toEqual([]);
    await expectUsable(session);
  }

  describe("a line of 64 MiB", () => {
    const told = `a line of ${64 * MiB} bytes is longer than the limit and was dropped`;

    it("is dropped and told, costs little more memory than the limit, and the turn goes on", () =>
      daemon.session(
        async (session) => {
          const before = await daemon.peakMemory();
          for (let turn = 0; turn < 8; turn++)
            await expectWhole(session, "turn/long-line+end-line");
          expect(unparsed(session)).toEqual(Array.from({ length: 8 }, () => told));
          expect(new Set(await rawUnparsed(session))).toEqual(new Set(["x".repeat(1024)]));
          // Half of what it printed: a line that grows leaves smaller buffers to the collector.
          expect((await daemon.peakMemory()) - before).toBeLessThan(8 * LINE_LIMIT);
        },
        { garbled: true },
      ));

    it("that nothing follows is told when the agent leaves, before its turn fails", () =>
      daemon.session(
        async (session) => {
          const ended = session.run("turn/long-line+exit-1");
          await daemon.expectServing();
          expect(await ended).toMatchObject({ status: "failed", error: { code: "process_exit" } });
          expect(unparsed(session)).toEqual([told]);
          await expectUsable(session);
        },
        { garbled: true },
      ));

    it("that never ends leaves the turn to be interrupted", () =>
      daemon.session(
        async (session) => {
          const turn = await session.send("turn/ignore-requests+long-line+hang");
          await session.until("item.delta");
          await daemon.expectServing();
          await session.interrupt();
          expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
          expect(unparsed(session)).toHaveLength(1);
          await expectUsable(session);
        },
        { garbled: true },
      ));
  });

  it("bytes that are no UTF-8 are replaced in JSON and told where there is none", () =>
    daemon.session(
      async (session) => {
        await expectWhole(session, "turn/invalid-utf8");
        expect(unparsed(session)).toEqual(["the line is not JSON"]);
        expect(await rawUnparsed(session)).toEqual(["bad \uFFFD\uFFFD( bytes"]);
        expect(unknown(session)).toEqual([replaced[agent]]);
      },
      { garbled: true },
    ));

  it("binary rubbish is told line by line", () =>
    daemon.session(
      async (session) => {
        await expectWhole(session, "turn/rubbish");
        expect(unparsed(session).length).toBeGreaterThan(100);
        expect(new Set(unparsed(session))).toEqual(new Set(["the line is not JSON"]));
      },
      { garbled: true },
    ));

  it("rubbish before and after the handshake does not keep it from working", () =>
    daemon.session(
      async (session) => {
        await expectWhole(session, "hello");
        expect(unparsed(session).length).toBeGreaterThan(100);
      },
      { garbled: true, fault: "start/rubbish+odd-json" },
    ));

  it("JSON that is no message is shown as it is", () =>
    daemon.session(
      async (session) => {
        await expectWhole(session, "turn/odd-json");
        expect(unparsed(session)).toEqual([]);
        expect(unknown(session)).toEqual(expect.arrayContaining(odd[agent]));
      },
      { garbled: true },
    ));

  it("stderr that never ends costs no memory and does not hold up the turns", () =>
    daemon.session(async (session) => {
      const before = await daemon.peakMemory();
      await expectWhole(session, "turn/flood-stderr");
      for (let turn = 0; turn < 20; turn++) await expectUsable(session);
      await daemon.expectFloodSpares(session, before);
    }));
});
