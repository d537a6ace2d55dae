import { expect, test } from "vitest";
import type { UniversalEvent } from "../../src/schema/event.ts";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { createFakeAgent, permission } from "../support/fake-agent.ts";
import {
  type ListeningApp,
  listeningApp,
  openResponse,
  readRest,
} from "../support/listening-app.ts";
import { collectAll, collectUntil, readSse, type SseFrame } from "../support/sse.ts";
import { type ValidatedApp, validatedApp } from "../support/validated-app.ts";

const eventOf = ({ data = "null" }: SseFrame): UniversalEvent => JSON.parse(data);
const typesOf = (frames: SseFrame[]) =>
  frames.filter(({ data }) => data).map((frame) => eventOf(frame).type);

test("a stream replays, goes on live without a seam, and ends after session.ended", async () => {
  await using app = await listeningApp();
  await app.createSession("s");
  await app.post("/v1/sessions/s/messages/stream", { message: "hello" });
  const reading = collectAll(readSse(`${app.url}/v1/sessions/s/events/sse`));
  await expect.poll(() => app.sessions.peek("s").log.bell.waiting).toBe(1);
  await app.post("/v1/sessions/s/messages/stream", { message: "markdown" });
  await app.post("/v1/sessions/s/terminate");
  const frames = await reading;
  const { events } = (await app.get("/v1/sessions/s/events")).json();
  expect(frames.map(eventOf)).toEqual(events);
  expect(frames.map(({ id }) => id)).toEqual(events.map((_: unknown, i: number) => String(i + 1)));
  expect(frames.every(({ event }) => event === undefined)).toBe(true);
  expect(eventOf(frames.at(-1) ?? {}).type).toBe("session.ended");
});

test("the headers come at once and say that nothing may be kept back", async () => {
  await using app = await listeningApp({
    cors: { origins: ["http://a.example"], credentials: false },
  });
  await app.createSession("s");
  const response = await openResponse(`${app.url}/v1/sessions/s/events/sse?offset=1`, {
    origin: "http://a.example",
  });
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
    "access-control-allow-origin": "http://a.example",
  });
  response.destroy();
});

test("frames and pages escape the characters that line readers take for a line end", async () => {
  const said = "a\u0085b\u2028c\u2029d\u000be\u000cf\u001cg\u001eh\ud83d\ude00";
  const raw = JSON.stringify({ said });
  const agent = createFakeAgent({
    startTurn: (session) => session.say({ type: "item.delta", nativeId: "i", delta: said, raw }),
  });
  await using app = await listeningApp({ agents: [agent] });
  await app.createSession("s");
  await app.post("/v1/sessions/s/messages", { message: said });
  await app.post("/v1/sessions/s/terminate");
  for (const path of ["events", "events/sse"]) {
    const response = await fetch(`${app.url}/v1/sessions/s/${path}?include_raw=true`);
    const text = await response.text();
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\r\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]/);
    const page =
      path === "events"
        ? text
        : `[${text
            .match(/^data: ?(.*)$/gm)
            ?.map((line) => line.slice(5))
            .join(",")}]`;
    const parsed = JSON.parse(page);
    const events: UniversalEvent[] = parsed.events ?? parsed;
    const delta = events.find((event) => event.type === "item.delta" && !event.synthetic);
    expect(delta).toMatchObject({ data: { delta: said }, raw: { said } });
  }
});

test("HEAD tells the headers of a stream and ends", async () => {
  await using app = await listeningApp();
  await app.createSession("s");
  for (const path of ["events", "events/sse"]) {
    const response = await fetch(`${app.url}/v1/sessions/s/${path}`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(
      /^(application\/json|text\/event-stream; charset=utf-8)$/,
    );
    expect(await response.text()).toBe("");
  }
  expect(app.sessions.peek("s").log.bell.waiting).toBe(0);
});

test("Last-Event-ID wins over offset, and raw comes when it is asked for", async () => {
  await using app = await validatedApp();
  await app.createSession("s");
  await app.post("/v1/sessions/s/messages/stream", { message: "unparsed" });
  await app.post("/v1/sessions/s/terminate");
  const url = "/v1/sessions/s/events/sse?offset=1&includeRaw=true";
  const all = (await app.get("/v1/sessions/s/events?include_raw=true")).json().events;
  for (const [headers, after] of [
    [{}, 1],
    [{ "last-event-id": "3" }, 3],
  ] as const) {
    const { body } = await app.inject({ url, headers });
    const events = [...body.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data));
    expect(events).toEqual(all.slice(after));
    expect(events).toContainEqual(expect.objectContaining({ raw: { raw: "mock" } }));
  }
});

test("a Last-Event-ID that is none is refused", async () => {
  await using app = await validatedApp();
  await app.createSession("s");
  for (const id of ["", "x", "-1", "1.5", "evt_3"]) {
    const headers = { "last-event-id": id };
    const response = await app.inject({ url: "/v1/sessions/s/events/sse", headers });
    expect(response.json()).toMatchObject({
      status: 400,
      details: { issues: [{ path: "Last-Event-ID" }] },
    });
  }
});

test("whoever has had the last event of an ended session is told not to come back", async () => {
  await using app = await validatedApp();
  await app.createSession("s");
  await app.post("/v1/sessions/s/terminate");
  const url = "/v1/sessions/s/events/sse";
  const again = await app.inject({ url, headers: { "last-event-id": "2" } });
  expect(again.statusCode).toBe(204);
  const before = await app.inject({ url, headers: { "last-event-id": "1" } });
  expect(before.body).toContain("session.ended");
  const first = await app.inject({ url: `${url}?offset=2` });
  expect([first.statusCode, first.body]).toEqual([200, ""]);
});

test("an idle stream says from time to time that it is alive", async () => {
  await using app = await listeningApp({ keepAliveMs: 20 });
  await app.createSession("s");
  const frames = await collectUntil(
    readSse(`${app.url}/v1/sessions/s/events/sse?offset=1`),
    ({ comment }) => comment === "keep-alive",
  );
  expect(frames).toEqual([{ comment: "keep-alive" }]);
});

test("a reader that leaves is forgotten, whether it waits or stalls", async () => {
  await using app = await listeningApp({ agents: [createFakeAgent()] });
  await app.createSession("s");
  const { log } = app.sessions.peek("s");
  const url = `${app.url}/v1/sessions/s/events/sse`;
  const waiting = await Promise.all(Array.from({ length: 20 }, () => openResponse(url)));
  await expect.poll(() => log.bell.waiting).toBe(20);
  for (const response of waiting) response.destroy();
  await expect.poll(() => log.bell.waiting).toBe(0);

  const stalled = await openResponse(url);
  await flood(app, 32);
  stalled.destroy();
  await expect.poll(() => connectionsOf(app)).toBe(0);
  await app.post("/v1/sessions/s/terminate");
});

test("the turn stream begins with its own turn, also one that waits, and ends with it", async () => {
  const agent = createFakeAgent();
  await using app = await listeningApp({ agents: [agent], keepAliveMs: 20 });
  await app.createSession("s");
  const first = await app.post("/v1/sessions/s/messages", { message: "first" });
  expect(first.headers["x-turn-id"]).toBe("turn_1");
  const url = `${app.url}/v1/sessions/s/messages/stream`;
  const frames: SseFrame[] = [];
  const reading = (async () => {
    for await (const frame of readSse(url, { method: "POST", body: { message: "second" } })) {
      frames.push(frame);
      if (frame.comment) agent.opened[0]?.end();
      else if (typesOf([frame])[0] === "turn.started") agent.opened[0]?.end();
    }
  })();
  await reading;
  const events = frames.filter(({ data }) => data).map(eventOf);
  expect(frames[0]).toEqual({ comment: "keep-alive" });
  expect(events.map(({ type }) => type)).toEqual(["turn.started", "turn.ended"]);
  expect(events).toMatchObject([{ data: { turn_id: "turn_2" } }, { data: { turn_id: "turn_2" } }]);
});

test("the turn stream ends with a request of its turn, but not with an error", async () => {
  const error = { message: "odd", code: null, details: null };
  const agent = createFakeAgent({
    startTurn(session) {
      session.say({ type: "error", error }, { type: "unparsed", error: "x", location: "y" });
      session.say(permission("p"));
      session.end();
    },
  });
  await using app = await validatedApp({ agents: [agent] });
  await app.createSession("s");
  const response = await app.post("/v1/sessions/s/messages/stream", { message: "go" });
  expect(response.headers["x-turn-id"]).toBe("turn_1");
  expect([...response.body.matchAll(/"type":"([a-z.]+)","data"/g)].map(([, type]) => type)).toEqual(
    ["turn.started", "error", "agent.unparsed", "permission.requested"],
  );
});

test("the stream of a turn that waits ends when the session is terminated", async () => {
  await using app = await validatedApp({ agents: [createFakeAgent()] });
  await app.createSession("s");
  await app.post("/v1/sessions/s/messages", { message: "first" });
  const reading = app.post("/v1/sessions/s/messages/stream", { message: "second" });
  await expect.poll(() => app.sessions.peek("s").log.bell.waiting).toBe(1);
  await app.post("/v1/sessions/s/terminate");
  const { body } = await reading;
  expect([...body.matchAll(/"turn_id":"(\w+)"/g)].map(([, id]) => id)).toEqual([
    "turn_2",
    "turn_2",
  ]);
});

test("a reader who leaves does not stop the turn", async () => {
  const agent = createFakeAgent();
  await using app = await listeningApp({ agents: [agent] });
  await app.createSession("s");
  const url = `${app.url}/v1/sessions/s/messages/stream`;
  await collectUntil(readSse(url, { method: "POST", body: { message: "m" } }), () => true);
  await expect.poll(() => app.sessions.peek("s").log.bell.waiting).toBe(0);
  expect((await app.get("/v1/sessions/s")).json()).toMatchObject({ status: "running" });
  expect(agent.opened[0]?.calls).toEqual(["start m"]);
});

test("closing the server ends open streams, also one whose reader stalls", async () => {
  await using app = await listeningApp({ agents: [createFakeAgent()] });
  await app.createSession("s");
  const url = `${app.url}/v1/sessions/s/events/sse`;
  const reading = collectAll(readSse(url));
  const stalled = await openResponse(url);
  await flood(app, 32);
  await app.app.close();
  const frames = await reading;
  expect(frames.map(({ id }) => Number(id))).toEqual(frames.map((_, index) => index + 1));
  if (!stalled.destroyed) stalled.destroy();
});

test("a reader that is waiting has session.ended before a deleted session is gone", async () => {
  await using app = await listeningApp();
  await app.createSession("s");
  const reading = collectAll(readSse(`${app.url}/v1/sessions/s/events/sse`));
  await expect.poll(() => app.sessions.peek("s").log.bell.waiting).toBe(1);
  await app.inject({ method: "DELETE", url: "/v1/sessions/s" });
  expect(typesOf(await reading)).toEqual(["session.started", "session.ended"]);
});

test("events that are gone are a problem, and a stream that is overtaken breaks off", async () => {
  const buffer = new EventBuffer(256 * 1024);
  await using app = await listeningApp({
    agents: [createFakeAgent()],
    sessionsOptions: { buffer },
  });
  await app.createSession("s");
  const url = `${app.url}/v1/sessions/s/events/sse`;
  const stalled = await openResponse(url);
  await flood(app, 64);
  const had = await readRest(stalled);
  expect(stalled.complete).toBe(false);
  const ids = [...had.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids).toEqual(ids.map((_, index) => index + 1));
  const { firstSequence } = app.sessions.peek("s").log;
  expect(ids.length).toBeLessThan(firstSequence);
  for (const path of ["events", "events/sse"]) {
    const headers = { "last-event-id": String(ids.length) };
    const again = await app.inject({ url: `/v1/sessions/s/${path}?offset=${ids.length}`, headers });
    expect(again.json()).toMatchObject({
      type: "urn:sandbox-agent:error:events_expired",
      status: 410,
      firstSequence,
    });
  }
  const rest = await app.get(`/v1/sessions/s/events?offset=${firstSequence - 1}`);
  expect(rest.json().events[0].sequence).toBe(firstSequence);
});

async function connectionsOf({ app }: ListeningApp): Promise<number> {
  const counted = Promise.withResolvers<number>();
  app.server.getConnections((_error, count) => counted.resolve(count));
  return await counted.promise;
}

/** Lets a session say so many MiB: more than the buffers of a connection hold. */
async function flood(app: ValidatedApp, mib: number): Promise<void> {
  const session = app.sessions.peek("s");
  const delta = "x".repeat(16 * 1024);
  for (let i = 0; i < mib * 64; i++) {
    session.receive([{ type: "item.delta", nativeId: "n", delta }]);
    if (i % 64 === 0) await new Promise(setImmediate);
  }
}
