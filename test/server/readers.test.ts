import { expect, test } from "vitest";
import { type Reader, Readers } from "../../src/server/readers.ts";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { arrayBufferBytes } from "../support/array-buffers.ts";
import { createFakeAgent } from "../support/fake-agent.ts";
import { listeningApp, openResponse, readRest } from "../support/listening-app.ts";
import type { ValidatedApp } from "../support/validated-app.ts";

const MiB = 2 ** 20;
/** Checks within 60 s. */
const CHECKS = 12;

function fakeReader(state: { isBehind: boolean; heldBytes: number }) {
  return {
    ...state,
    accepted: 0,
    isCut: false,
    cut() {
      this.isCut = true;
    },
  } satisfies Reader & { isCut: boolean };
}

function checked(reader: Reader, readers: Readers, times: number): void {
  readers.add(reader);
  for (let n = 0; n < times; n++) readers.check();
}

test("a reader that accepts nothing for 60 s and holds more than 1 MiB is closed", () => {
  const readers = new Readers();
  const reader = fakeReader({ isBehind: true, heldBytes: MiB + 1 });
  checked(reader, readers, CHECKS - 1);
  expect(reader.isCut).toBe(false);
  readers.check();
  expect(reader.isCut).toBe(true);
  readers.remove(reader);
});

test.each([
  ["is behind and holds nothing", { isBehind: true, heldBytes: 0 }],
  ["is behind and holds 1 MiB", { isBehind: true, heldBytes: MiB }],
  ["waits for events", { isBehind: false, heldBytes: 2 * MiB }],
])("a reader that %s stays open", (_, state) => {
  const readers = new Readers();
  const reader = fakeReader(state);
  checked(reader, readers, 10 * CHECKS);
  expect(reader.isCut).toBe(false);
  readers.remove(reader);
});

test("a slow reader stays open while its connection accepts something now and then", () => {
  const readers = new Readers();
  const reader = fakeReader({ isBehind: true, heldBytes: 2 * MiB });
  readers.add(reader);
  for (let n = 0; n < 100; n++) {
    if (n % (CHECKS - 1) === 0) reader.accepted += 1;
    readers.check();
  }
  expect(reader.isCut).toBe(false);
  readers.remove(reader);
});

/** A session with one event of this size. */
async function withLargeEvent(bytes: number, readers: Readers, budget: number) {
  const buffer = new EventBuffer(budget);
  const app = await listeningApp({
    agents: [createFakeAgent()],
    sessionsOptions: { buffer },
    readers,
  });
  await app.createSession("s");
  say(app, filling("x", bytes));
  return { app, buffer };
}

/** A flat text: that of `repeat` is put together again by each of its readers. */
function filling(character: string, bytes: number): string {
  return Buffer.alloc(bytes, character).toString("latin1");
}

function say(app: ValidatedApp, delta: string): void {
  const raw = JSON.stringify(delta);
  app.sessions.peek("s").receive([{ type: "item.delta", nativeId: "n", delta, raw }]);
}

test.each(["events", "events?includeRaw=true", "events/sse", "events/sse?includeRaw=true"])(
  "20 readers of %s that read nothing share the memory of an event of 8 MiB",
  async (path) => {
    const readers = new Readers();
    const { app, buffer } = await withLargeEvent(8 * MiB, readers, 72 * MiB);
    await using _ = app;
    const before = arrayBufferBytes();
    const url = `${app.url}/v1/sessions/s/${path}`;
    const stalled = await Promise.all(Array.from({ length: 20 }, () => openResponse(url)));
    const added = arrayBufferBytes() - before;
    // With its raw message an event has 16 MiB, so the budget holds four. The dropped one counts as
    // long as the readers need it, so only three are kept beside it.
    for (let n = 0; n < 4; n++) say(app, filling("y", 8 * MiB));
    const { usedBytes } = buffer;
    const { firstSequence, lastSequence } = app.sessions.peek("s").log;
    for (const response of stalled) response.destroy();
    expect(added).toBeLessThan(10 * MiB);
    expect(usedBytes).toBeGreaterThan(4 * 16 * MiB);
    expect(lastSequence - firstSequence + 1).toBe(3);
  },
  180_000,
);

test("a large event arrives complete, as a page and as a stream", async () => {
  const readers = new Readers();
  const { app } = await withLargeEvent(3 * MiB, readers, 64 * MiB);
  await using _ = app;
  say(app, "small");
  for (const raw of ["false", "true"]) {
    const page = await fetch(`${app.url}/v1/sessions/s/events?includeRaw=${raw}`);
    const { events } = (await page.json()) as { events: unknown[] };
    expect(events).toHaveLength(app.sessions.peek("s").log.lastSequence);
    const url = `${app.url}/v1/sessions/s/events/sse?includeRaw=${raw}`;
    const reading = openResponse(url).then(readRest);
    if (raw === "true") await app.post("/v1/sessions/s/terminate");
    else continue;
    const frames = [...(await reading).matchAll(/^data: (.*)$/gm)];
    const streamed = frames.map(([, data = ""]) => JSON.parse(data));
    expect(streamed.slice(0, events.length)).toEqual(events);
  }
});

test("a reader of a dropped event is closed after 60 s, and one whose event is kept is not", async () => {
  const readers = new Readers();
  const { app, buffer } = await withLargeEvent(8 * MiB, readers, 64 * MiB);
  await using _ = app;
  const first = await openResponse(`${app.url}/v1/sessions/s/events/sse`);
  for (let n = 0; n < 2; n++) say(app, filling("y", 8 * MiB));
  const { lastSequence } = app.sessions.peek("s").log;
  const last = await openResponse(`${app.url}/v1/sessions/s/events/sse?offset=${lastSequence - 1}`);
  // The first event is dropped, the last is not.
  say(app, filling("z", 8 * MiB));
  expect(app.sessions.peek("s").log.firstSequence).toBeGreaterThan(1);
  for (let n = 0; n < CHECKS + 1; n++) {
    readers.check();
    await new Promise(setImmediate);
  }
  await readRest(first);
  expect(first.complete).toBe(false);
  expect(last.destroyed).toBe(false);
  await expect.poll(() => buffer.usedBytes).toBeLessThanOrEqual(64 * MiB);
  last.destroy();
});
