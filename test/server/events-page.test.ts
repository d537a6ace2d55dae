import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { EventsResponse } from "../../src/schema/event.ts";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { createFakeAgent } from "../support/fake-agent.ts";
import { listeningApp, openResponse, readRest } from "../support/listening-app.ts";
import { type ValidatedApp, validatedApp } from "../support/validated-app.ts";

/** Seven events: session.started, then a turn whose message has deltas. */
async function withEvents(): Promise<ValidatedApp> {
  const app = await validatedApp({ agents: [createFakeAgent()] });
  await app.createSession("s");
  await app.post("/v1/sessions/s/messages", { message: "m" });
  for (let i = 0; i < 4; i++) say(app, `d${i}`, `{"n":${i}}`);
  return app;
}

function say(app: ValidatedApp, delta: string, raw?: string): void {
  const output = { type: "item.delta", nativeId: "n", delta } as const;
  app.sessions.peek("s").receive([raw === undefined ? output : { ...output, raw }]);
}

test("a page has what its offset and limit say, and hasMore whether there is more", async () => {
  await using app = await withEvents();
  const cases: [string, number[], boolean][] = [
    ["", [1, 2, 3, 4, 5, 6, 7], false],
    ["?limit=7", [1, 2, 3, 4, 5, 6, 7], false],
    ["?limit=6", [1, 2, 3, 4, 5, 6], true],
    ["?offset=3&limit=2", [4, 5], true],
    ["?offset=5&limit=2", [6, 7], false],
    ["?offset=5", [6, 7], false],
    ["?offset=7", [], false],
    ["?offset=700&limit=5", [], false],
    ["?limit=0", [], true],
    ["?offset=7&limit=0", [], false],
    ["?limit=999999999999999", [1, 2, 3, 4, 5, 6, 7], false],
  ];
  for (const [query, sequences, hasMore] of cases) {
    const page = (await app.get(`/v1/sessions/s/events${query}`)).json();
    expect([query, page.events.map((e: { sequence: number }) => e.sequence)]).toEqual([
      query,
      sequences,
    ]);
    expect([query, page.hasMore]).toEqual([query, hasMore]);
  }
});

test("the agent's own message is there when either spelling asks for it, else null", async () => {
  await using app = await withEvents();
  const cases: [string, unknown][] = [
    ["", null],
    ["&include_raw=false", null],
    ["&includeRaw=false", null],
    ["&include_raw=true", { n: 0 }],
    ["&includeRaw=true", { n: 0 }],
  ];
  for (const [query, raw] of cases) {
    const { events } = (await app.get(`/v1/sessions/s/events?offset=3&limit=1${query}`)).json();
    expect(events[0].raw).toEqual(raw);
  }
});

test("a page of many slices is one JSON text", async () => {
  await using app = await withEvents();
  for (let i = 0; i < 3000; i++) say(app, `${i} ${"é".repeat(500)}`);
  const response = await app.get("/v1/sessions/s/events?offset=7");
  expect(response.headers["content-type"]).toBe("application/json");
  const { events } = response.json();
  expect(events.map((e: { sequence: number }) => e.sequence)).toEqual(
    Array.from({ length: 3000 }, (_, index) => index + 8),
  );
});

test("a page whose events are dropped while it is read breaks off", async () => {
  const buffer = new EventBuffer(48 << 20);
  await using app = await listeningApp({
    agents: [createFakeAgent()],
    sessionsOptions: { buffer },
  });
  await app.createSession("s");
  const delta = "x".repeat(1 << 20);
  for (let i = 0; i < 40; i++) say(app, delta);
  const response = await openResponse(`${app.url}/v1/sessions/s/events`);
  for (let i = 0; i < 100; i++) say(app, delta);
  const had = await readRest(response);
  expect(response.complete).toBe(false);
  expect(had).toMatch(/^\{"events":\[\{"event_id":"evt_1"/);
});

test("pages that are read at the same time, at their own pace, are each whole", async () => {
  await using app = await listeningApp({ agents: [createFakeAgent()] });
  await app.createSession("s");
  for (let i = 0; i < 6000; i++) say(app, `${i} ${"x".repeat(1000)}`, `{"n":${i}}`);
  const read = async (query: string, pauseMs: number): Promise<string> => {
    const response = await openResponse(`${app.url}/v1/sessions/s/events${query}`);
    const pieces: Buffer[] = [];
    for await (const piece of response) {
      pieces.push(piece as Buffer);
      // The slowness of the reader is the stimulus.
      if (pauseMs > 0) await sleep(pauseMs);
    }
    return Buffer.concat(pieces).toString();
  };
  const queries = ["", "?includeRaw=true", "?offset=9"];
  const alone = await Promise.all(queries.map((query) => read(query, 0)));
  const together = await Promise.all(
    queries.flatMap((query) => [0, 1, 3].map((pauseMs) => read(query, pauseMs))),
  );
  expect(together.map((page) => alone.indexOf(page))).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  for (const [index, page] of alone.entries()) {
    const { events } = JSON.parse(page) as EventsResponse;
    expect(events.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: events.length }, (_, i) => i + (index === 2 ? 10 : 1)),
    );
    expect(events.at(-1)).toMatchObject({ raw: index === 1 ? { n: 5999 } : null });
  }
});

test("the answer is not larger than what is asked for, however long the log", async () => {
  await using app = await withEvents();
  for (let i = 0; i < 2000; i++) say(app, "x".repeat(1000));
  const { log } = app.sessions.peek("s");
  const sizes: number[] = [];
  const readJson = log.readJson.bind(log);
  log.readJson = (sequence, options) => {
    const piece = readJson(sequence, options);
    sizes.push(Buffer.concat(piece?.chunks ?? []).length);
    return piece;
  };
  await app.get("/v1/sessions/s/events?offset=1500&limit=3");
  expect(sizes).toEqual([expect.any(Number)]);
  expect(sizes[0]).toBeLessThan(5000);
});
