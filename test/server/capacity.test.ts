import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { pino } from "pino";
import { expect, it } from "vitest";
import { OpenFiles } from "../../src/io/open-files.ts";
import { capacityOf } from "../../src/server/capacity.ts";
import { type ListeningApp, listeningApp, openResponse } from "../support/listening-app.ts";

const EVENTS = "/v1/sessions/s/events/sse";

function recordingLogger() {
  const lines: { msg: string; level: number; limit?: number; status?: number }[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  return { logger, named: (word: string) => lines.filter(({ msg }) => msg.includes(word)), lines };
}

async function gauge(app: ListeningApp, name: string): Promise<number> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Number(new RegExp(`^sandbox_agent_${name} (\\S+)$`, "m").exec(text)?.[1]);
}

it("one stream more than the limit is refused with Retry-After, logged once, and counted", async () => {
  const { logger, named, lines } = recordingLogger();
  await using app = await listeningApp({ logger, capacity: { connections: 100, streams: 3 } });
  await app.createSession("s");
  const streams = await Promise.all([1, 2, 3].map(() => openResponse(app.url + EVENTS)));
  expect(streams.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  for (let round = 0; round < 5; round++) {
    const refused = await fetch(app.url + EVENTS);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(refused.headers.get("connection")).toBe("close");
    expect(await refused.json()).toMatchObject({
      type: "urn:sandbox-agent:error:too_many_streams",
      requestId: refused.headers.get("x-request-id"),
    });
  }
  expect(named("no more event streams")).toMatchObject([{ level: 40, limit: 3 }]);
  await expect.poll(() => lines.filter(({ status }) => status === 503)).toHaveLength(5);
  expect(lines.filter(({ level }) => level >= 50)).toEqual([]);
  expect(await gauge(app, "event_streams")).toBe(3);
  expect(await gauge(app, "event_streams_limit")).toBe(3);
  expect(await gauge(app, "http_connections_limit")).toBe(100);
  streams[0]?.destroy();
  await expect.poll(async () => (await openResponse(app.url + EVENTS)).statusCode).toBe(200);
  for (const stream of streams) stream.destroy();
});

it("a message whose stream is refused is not sent", async () => {
  await using app = await listeningApp({ capacity: { connections: 100, streams: 1 } });
  await app.createSession("s");
  const stream = await openResponse(app.url + EVENTS);
  const refused = await fetch(`${app.url}/v1/sessions/s/messages/stream`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: "hello" }),
  });
  expect(refused.status).toBe(503);
  expect(app.sessions.peek("s").log.lastSequence).toBe(1);
  const head = await fetch(app.url + EVENTS, { method: "HEAD" });
  expect(head.status).toBe(200);
  stream.destroy();
});

it("streams that are refused for another reason take no place", async () => {
  await using app = await listeningApp({ capacity: { connections: 100, streams: 1 } });
  await app.createSession("s");
  for (let round = 0; round < 5; round++) {
    expect((await fetch(`${app.url}/v1/sessions/none/events/sse`)).status).toBe(404);
  }
  const stream = await openResponse(app.url + EVENTS);
  expect(stream.statusCode).toBe(200);
  stream.destroy();
});

async function connected(app: ListeningApp): Promise<Socket> {
  const socket = connect(Number(new URL(app.url).port), "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  return socket;
}

it("connections beyond the limit are closed and logged once, and room is made by idle ones", async () => {
  const { logger, named } = recordingLogger();
  await using app = await listeningApp({ logger, capacity: { connections: 4, streams: 2 } });
  const request = "GET /v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n";
  const idle = await connected(app);
  idle.write(request);
  await once(idle, "data");
  const silent = await Promise.all([1, 2, 3].map(() => connected(app)));
  await once(idle, "close");
  const last = await connected(app);
  last.write(request);
  const [answer] = await once(last, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 200 /);
  // This connection is idle now: the next one is refused, and the one after that has its place.
  const closed = [once(await connected(app), "close"), once(last, "close")];
  await Promise.all(closed);
  const held = [...silent, await connected(app)];
  for (let round = 0; round < 3; round++) {
    const dropped = await connected(app);
    await once(dropped, "close");
  }
  expect(named("no more connections")).toMatchObject([{ level: 40, limit: 4 }]);
  for (const socket of held) socket.destroy();
});

it.each([
  [4, { connections: 4, streams: 2 }],
  [32, { connections: 4, streams: 2 }],
  [64, { connections: 24, streams: 16 }],
  [256, { connections: 192, streams: 168 }],
  [1024, { connections: 768, streams: 672 }],
  [20_000, { connections: 18_976, streams: 16_604 }],
  [1_048_576, { connections: 100_000, streams: 87_500 }],
  [Infinity, { connections: 100_000, streams: 87_500 }],
])("of %d open files clients may use a part", (openFiles, capacity) => {
  expect(capacityOf(openFiles)).toEqual(capacity);
});

it("the limit of open files is known", () => {
  expect(new OpenFiles().limit).toBeGreaterThan(16);
});

it("agents may take descriptors of connections, all but the last 32", async () => {
  const openFiles = new OpenFiles();
  await using app = await listeningApp({ openFiles, capacity: { connections: 100, streams: 87 } });
  const limits = async () => [
    await gauge(app, "http_connections_limit"),
    await gauge(app, "event_streams_limit"),
  ];
  expect(await limits()).toEqual([100, 87]);
  expect(openFiles.connections?.fitInto(40)).toBe(true);
  expect(await limits()).toEqual([40, 32]);
  expect(openFiles.connections?.fitInto(31)).toBe(false);
  expect(await limits()).toEqual([40, 32]);
  expect(openFiles.connections?.fitInto(1000)).toBe(true);
  expect(await limits()).toEqual([100, 87]);
});
