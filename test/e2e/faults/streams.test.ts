import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import { onBun } from "../../support/program.ts";
import { expectUsable, StandInDaemon } from "../../support/stand-in.ts";

const MiB = 2 ** 20;
/** Kept, a million comments would take some 100 MiB. On Bun 43 were measured, before it collects. */
const commentMemory = (onBun ? 64 : 32) * MiB;

let daemon: StandInDaemon;

beforeAll(async () => {
  daemon = await StandInDaemon.start({ agent: "opencode" });
});

afterAll(() => daemon[Symbol.asyncDispose]());

/** The messages of the events that tell of what is no event of the server. */
function unparsed(session: LiveSession): string[] {
  return session.of("agent.unparsed").map(({ data }) => data.error);
}

/** A turn in which the server tells what it should not, and the rest as if nothing were. */
async function expectWhole(session: LiveSession, fault: string): Promise<void> {
  const before = session.said().length;
  const [ended] = await Promise.all([session.run(fault), daemon.expectServing()]);
  expect(ended).toMatchObject({ status: "completed" });
  expect(session.said().slice(before)).toEqual(["Hello there."]);
  expect(session.of("error")).toEqual([]);
  await expectUsable(session);
}

describe("an event of 64 MiB", () => {
  const told = `a line of ${64 * MiB + "data: ".length} bytes is longer than the limit and was dropped`;

  it("is dropped and told, costs little more memory than the limit, and the turn goes on", () =>
    daemon.session(
      async (session) => {
        const before = await daemon.peakMemory();
        for (let turn = 0; turn < 4; turn++) {
          await expectWhole(session, "turn/stream-long-frame+stream-end-frame");
        }
        expect(unparsed(session)).toEqual(Array.from({ length: 4 }, () => told));
        expect((await daemon.peakMemory()) - before).toBeLessThan(256 * MiB);
      },
      { garbled: true },
    ));

  it("that never ends leaves the turn to be interrupted", () =>
    daemon.session(
      async (session) => {
        const turn = await session.send("turn/stream-long-frame+hang");
        await session.until("item.delta");
        await daemon.expectServing();
        await session.interrupt();
        expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      },
      { garbled: true },
    ));
});

it("bytes that are no UTF-8 are replaced in JSON and told where there is none", () =>
  daemon.session(
    async (session) => {
      await expectWhole(session, "turn/stream-invalid-utf8");
      expect(unparsed(session)).toEqual(["the line is not JSON"]);
      expect(JSON.stringify(await session.raw())).toContain("bad \uFFFD\uFFFD( bytes");
      expect(JSON.stringify(session.of("item.completed"))).toContain("bad \uFFFD");
    },
    { garbled: true },
  ));

it("binary rubbish is told", () =>
  daemon.session(
    async (session) => {
      await expectWhole(session, "turn/stream-rubbish");
      expect(new Set(unparsed(session))).toEqual(new Set(["the line is not JSON"]));
    },
    { garbled: true },
  ));

it("JSON that is no event does no harm, and what is of the session is shown as it is", () =>
  daemon.session(
    async (session) => {
      await expectWhole(session, "turn/stream-odd-json");
      expect(unparsed(session)).toEqual([]);
      expect(JSON.stringify(session.of("item.completed"))).toContain('"type":"news"');
    },
    { garbled: true },
  ));

it("a stream that breaks off in the middle of an event ends no turn, and is opened again", () =>
  daemon.session(
    async (session) => {
      const [ended] = await Promise.all([session.run("turn/stream-cut"), daemon.expectServing()]);
      expect(ended).toMatchObject({ status: "completed" });
      expect(session.of("error")).toEqual([]);
      await expectUsable(session);
    },
    { garbled: true },
  ));

it("a million comments cost no memory and do not hold up the turn", () =>
  daemon.session(async (session) => {
    const before = await daemon.peakMemory();
    await expectWhole(session, "turn/stream-million-comments");
    expect((await daemon.peakMemory()) - before).toBeLessThan(commentMemory);
  }));

it("stdout and stderr that never end cost no memory and do not hold up the turns", () =>
  daemon.session(async (session) => {
    const before = await daemon.peakMemory();
    await expectWhole(session, "turn/flood-stdout+flood-stderr");
    for (let turn = 0; turn < 20; turn++) await expectUsable(session);
    await daemon.expectFloodSpares(session, before);
  }));

describe("a message that the server answers", () => {
  it.concurrent.each([
    ["with a refusal", "answer-500", /^not today$/],
    ["with what is no JSON", "answer-garbage", /is not understood$/],
    ["with what is no HTTP", "answer-no-http", /./],
    ["with half of its answer", "answer-half", /./],
    ["without end", "answer-endless", /is too long$/],
    ["by hanging up", "answer-hang-up", /./],
  ])("%s fails its turn, once, and the next has its answer", (_, deed, words) =>
    daemon.session(async (session) => {
      const turn = session.run(`message/${deed}`);
      const [ended] = await Promise.all([turn, daemon.expectServing()]);
      const code = expect.stringMatching(/^(protocol|network)$/);
      const error = { code, message: expect.stringMatching(words) };
      expect(ended).toMatchObject({ status: "failed", error });
      expect(session.of("error")).toMatchObject([{ data: error, synthetic: true }]);
      await expectUsable(session);
    }),
  );
});
