import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { SandboxAgent, SandboxAgentError, type UniversalEvent } from "../../src/index.ts";
import { CuttingProxy, type Fault } from "../support/cutting-proxy.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { fakeTimers } from "../support/fake-timers.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { collectAll, collectUntil } from "../support/sse.ts";

interface Setting extends AsyncDisposable {
  daemon: Daemon;
  proxy: CuttingProxy;
  /** Goes through the proxy. */
  client: SandboxAgent;
  /** Does not. */
  direct: SandboxAgent;
}

type FaultOf = (stream: number) => Fault | undefined;

const parts = new AsyncDisposableStack();
let shared: Daemon;

beforeAll(async () => {
  const home = parts.use(await temporaryHome());
  shared = parts.use(await startDaemon({ home }));
});

afterAll(() => parts.disposeAsync());

/** The daemon of this file with a new session of the mock, `s`, behind a proxy with faults. */
async function setting(faultOf?: FaultOf): Promise<Setting> {
  return await settingOf(shared, new AsyncDisposableStack(), faultOf);
}

/** A daemon of its own with a session of the mock, `s`, behind a proxy. */
async function ownSetting(args: string[] = []): Promise<Setting> {
  const owned = new AsyncDisposableStack();
  const home = owned.use(await temporaryHome());
  const daemon = owned.use(await startDaemon({ home, args: ["--no-token", ...args] }));
  return await settingOf(daemon, owned);
}

async function settingOf(
  daemon: Daemon,
  owned: AsyncDisposableStack,
  faultOf?: FaultOf,
): Promise<Setting> {
  const direct = await SandboxAgent.connect({ baseUrl: daemon.url });
  await direct.createSession("s", { agent: "mock" });
  if (daemon === shared) owned.defer(() => direct.deleteSession("s"));
  const proxy = owned.use(await CuttingProxy.start(daemon.url, faultOf));
  const client = await SandboxAgent.connect({ baseUrl: proxy.url });
  return { daemon, proxy, client, direct, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function rejection(events: AsyncIterable<unknown>): Promise<unknown> {
  try {
    await collectAll(events);
  } catch (error) {
    return error;
  }
  throw new Error("the stream ended as if nothing had happened");
}

/** Shorter than the time after which `fetch` itself gives up a silent body. */
const SILENCE_MS = 150_000;

const isTurnEnd = ({ type }: UniversalEvent): boolean => type === "turn.ended";

it("over connections that are cut again and again, live and in replay, every event comes once and as it is", async () => {
  // Within headers, frames and characters. Some let the longest frame pass.
  const lengths = [900, 30, 617, 1201, 402, 4760, 1, 533, 845, 998];
  const headersLength = 1000;
  // A client does not repeat the first request of a stream, so its headers must pass.
  let isFirst = true;
  await using at = await setting((stream) => {
    const afterBytes = (lengths[stream % lengths.length] ?? 0) + (isFirst ? headersLength : 0);
    isFirst = false;
    return { kind: "cut", afterBytes };
  });
  const live = collectAll(at.client.streamEvents("s", { includeRaw: true }));
  for (const message of ["demo", "ä𝄞€ ".repeat(200)]) {
    await at.direct.postMessage("s", { message });
  }
  await collectUntil(
    at.direct.streamEvents("s"),
    (event) => event.type === "turn.ended" && event.data.turn_id === "turn_2",
  );
  await at.direct.terminateSession("s");
  const { events } = await at.direct.getEvents("s", { includeRaw: true });
  expect(events.length).toBeGreaterThan(60);
  expect(await live).toEqual(events);
  expect(at.proxy.streams).toBeGreaterThan(40);
  isFirst = true;
  const replayed = await collectAll(at.client.streamEvents("s", { offset: 7, includeRaw: true }));
  expect(replayed).toEqual(events.slice(7));
}, 180_000);

it("another session that has got the id while the connection was away is told as such", async () => {
  await using at = await setting();
  const events = at.client.streamEvents("s");
  await at.direct.postMessage("s", { message: "hello" });
  // Without leaving the stream, as a loop would.
  for (;;) {
    const { value } = await events.next();
    if (!value || isTurnEnd(value)) break;
  }
  at.proxy.refuses = true;
  at.proxy.cutAll();
  await at.direct.deleteSession("s");
  await at.direct.createSession("s", { agent: "mock" });
  // Longer than what came before, so that its offset is none too far.
  for await (const event of at.direct.session("s").prompt("demo")) void event;
  at.proxy.refuses = false;
  await expect(collectAll(events)).rejects.toThrow("session s was deleted, and another has its id");
});

it("a prompt goes on over broken connections, and its requests are answered", async () => {
  await using at = await setting((stream) => ({ kind: "cut", afterBytes: 700 + stream }));
  const types: string[] = [];
  for await (const event of at.client.session("s").prompt("permission", {
    onPermission: () => "once",
  })) {
    types.push(event.type);
  }
  expect(at.proxy.streams).toBeGreaterThan(2);
  expect(types.filter((type) => type === "permission.resolved")).toHaveLength(2);
  expect(types.filter((type) => type.startsWith("turn."))).toEqual(["turn.started", "turn.ended"]);
});

it("a connection on which nothing comes any more is given up for a new one", async () => {
  await using at = await setting((stream) =>
    stream === 1 ? { kind: "stall", afterBytes: 900 } : undefined,
  );
  await at.direct.postMessage("s", { message: "hello" });
  using timers = fakeTimers();
  const events = at.client.streamEvents("s", {}, undefined, { silenceMs: SILENCE_MS });
  const reading = collectUntil(events, isTurnEnd);
  await vi.waitFor(() => expect(at.proxy.stalls).toBe(1), { timeout: 60_000 });
  await timers.advance(SILENCE_MS);
  const read = await timers.settle(reading);
  expect(read.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(at.proxy.streams).toBe(2);
});

it("a reader who takes his time is not taken for a silent connection", async () => {
  await using at = await setting();
  await at.direct.postMessage("s", { message: "hello" });
  using timers = fakeTimers();
  const options = { silenceMs: SILENCE_MS };
  for await (const event of at.client.streamEvents("s", {}, undefined, options)) {
    if (event.sequence === 1) await timers.advance(SILENCE_MS * 1.5);
    if (isTurnEnd(event)) break;
  }
  expect(at.proxy.streams).toBe(1);
});

it("without `reconnect` the first broken connection is the error", async () => {
  await using at = await setting(() => ({ kind: "cut", afterBytes: 900 }));
  const events = at.client.streamEvents("s", {}, undefined, { reconnect: false });
  void at.direct.postMessage("s", { message: "hello" });
  expect(await rejection(events)).toBeInstanceOf(TypeError);
  expect(at.proxy.streams).toBe(1);
});

it("the stream of an ended session ends, also where nothing is left to read", async () => {
  await using at = await setting();
  await at.direct.terminateSession("s");
  const { eventCount } = await at.direct.getSession("s");
  expect(await collectAll(at.client.streamEvents("s"))).toHaveLength(eventCount);
  expect(await collectAll(at.client.streamEvents("s", { offset: eventCount }))).toEqual([]);
  expect(at.proxy.streams).toBe(2);
});

it("leaving the loop closes the connection, and so does aborting while nothing comes", async () => {
  await using at = await setting();
  await collectUntil(at.client.streamEvents("s"), ({ sequence }) => sequence === 1);
  await expect.poll(() => at.proxy.connections).toBe(0);
  const stop = new AbortController();
  const events = at.client.streamEvents("s", {}, stop.signal);
  await events.next();
  const next = events.next();
  stop.abort();
  await expect(next).rejects.toThrow(/abort/i);
  await expect.poll(() => at.proxy.connections).toBe(0);
});

it("an aborted signal ends the pause before the next connection, with its reason", async () => {
  await using at = await setting();
  const stop = new AbortController();
  const events = at.client.streamEvents("s", {}, stop.signal);
  await events.next();
  at.proxy.refuses = true;
  at.proxy.cutAll();
  const next = events.next();
  const reason = new Error("enough");
  await expect.poll(() => at.proxy.refusals).toBeGreaterThan(0);
  stop.abort(reason);
  await expect(next).rejects.toBe(reason);
  await expect(at.client.streamEvents("s", {}, stop.signal).next()).rejects.toBe(reason);
});

it("what cannot be reached at first is an error at once, and later after `giveUpAfterMs`", async () => {
  await using at = await setting();
  const options = { giveUpAfterMs: 400 };
  const events = at.client.streamEvents("s", {}, undefined, options);
  await events.next();
  at.proxy.refuses = true;
  at.proxy.cutAll();
  expect(await rejection(events)).toBeInstanceOf(TypeError);
  expect(await rejection(at.client.streamEvents("s"))).toBeInstanceOf(TypeError);
});

it("a daemon that knows nothing of the session any more is an error", async () => {
  await using at = await ownSetting();
  const events = at.client.streamEvents("s");
  await events.next();
  at.proxy.refuses = true;
  await at.daemon.stop("SIGKILL");
  await using home = await temporaryHome();
  await using another = await startDaemon({ home });
  at.proxy.targetPort = Number(new URL(another.url).port);
  at.proxy.refuses = false;
  const error = await rejection(events);
  expect(error).toBeInstanceOf(SandboxAgentError);
  expect(error).toMatchObject({ status: 404, message: "Session Not Found" });
});

it("events that were dropped before they could be read are an error, never a gap", async () => {
  await using at = await ownSetting(["--event-buffer", "1MiB"]);
  const events = at.client.streamEvents("s");
  await events.next();
  at.proxy.refuses = true;
  at.proxy.cutAll();
  const next = events.next();
  await at.direct.postMessage("s", { message: "long ".repeat(400_000) });
  await expect
    .poll(async () => (await at.direct.getSession("s")).firstSequence, { timeout: 60_000 })
    .toBeGreaterThan(2);
  at.proxy.refuses = false;
  await expect(next).rejects.toMatchObject({
    status: 410,
    problem: { firstSequence: expect.any(Number) },
  });
});

it.each([
  ["a proxy's 502", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
  ["a proxy's 503", () => new Response("", { status: 503 })],
  ["an empty stream", () => new Response("")],
])("%s passes", async (_, answer) => {
  await using at = await setting();
  let streams = 0;
  const client = await SandboxAgent.connect({
    baseUrl: at.daemon.url,
    fetch: async (input, init) => {
      const isStream = input instanceof Request ? false : String(input).includes("/events/sse");
      if (isStream) streams += 1;
      return isStream && streams === 2 ? answer() : fetch(input, init);
    },
  });
  const events = client.streamEvents("s", {}, undefined, { silenceMs: 700 });
  await events.next();
  const next = events.next();
  await expect.poll(() => streams).toBeGreaterThanOrEqual(3);
  await at.direct.postMessage("s", { message: "hello" });
  expect((await next).value).toMatchObject({ sequence: 2 });
  await events.return();
});
