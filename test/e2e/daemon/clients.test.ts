import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setInterval as every, setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { openResponse } from "../../support/listening-app.ts";
import { post } from "../../support/post-json.ts";
import { program, shellCommand } from "../../support/program.ts";
import { temporaryHome } from "../../support/sandbox.ts";
import { StandInExecutable } from "../../support/stand-ins.ts";

const OPEN_FILES = 64;
const STREAMS = 16;

/** A daemon that may have few files open. */
const limited = {
  file: "sh",
  args: ["-c", `ulimit -n ${OPEN_FILES}; exec ${shellCommand(program)} "$@"`, "sh"],
};

function portOf(daemon: Daemon): number {
  return Number(new URL(daemon.url).port);
}

function open(daemon: Daemon): Socket {
  // Some of these tests provoke a reset while the client still sends.
  return connect(portOf(daemon), "127.0.0.1").on("error", () => {});
}

/** Sends bytes in one segment and returns the answers until the connection closes. */
async function exchange(daemon: Daemon, bytes: string): Promise<string> {
  const socket = open(daemon);
  socket.write(bytes);
  return await text(socket);
}

/** The processor time that a process has used, in hundredths of a second. */
async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return Number(utime) + Number(stime);
}

async function health(daemon: Daemon): Promise<number> {
  const headers = { connection: "close" };
  const answer = await fetch(`${daemon.url}/v1/health`, { headers });
  await answer.body?.cancel();
  return answer.status;
}

/** Sends a space again and again until the connection is closed. */
async function dribble(socket: Socket): Promise<void> {
  const closed = new AbortController();
  socket.once("close", () => closed.abort());
  try {
    for await (const _ of every(100, undefined, { signal: closed.signal })) socket.write(" ");
  } catch {
    // The connection is closed.
  }
}

it("a daemon with 64 open files refuses further streams and agents, and keeps answering", async () => {
  await using home = await temporaryHome();
  const installDir = `${home.dir}/agents`;
  const claude = new StandInExecutable(installDir, "claude", "0.0.1");
  await claude.write();
  await claude.becomeCurrent();
  const args = ["--no-token", "--offline", "--install-dir", installDir];
  await using daemon = await startDaemon({ home, args, entry: limited });
  const sessions = `${daemon.url}/v1/sessions`;
  await post(`${sessions}/s`, { agent: "mock" });
  const readers: IncomingMessage[] = [];
  for (let reader = 0; reader < 100; reader++) {
    const response = await openResponse(`${sessions}/s/events/sse`);
    readers.push(response);
    if (response.statusCode !== 503) continue;
    // A refused client that stays would take one of the few spare connections.
    await once(response.resume().socket, "close");
    // While one client after the other connects, Bun (1.4) counts those that have left. It stops to
    // do so when it handles a request on a connection that it has kept.
    await (await fetch(`${daemon.url}/v1/health`)).text();
  }
  const reading = readers.filter(({ statusCode }) => statusCode === 200);
  const refused = readers.filter(({ statusCode }) => statusCode === 503);
  expect([reading.length, refused.length]).toEqual([STREAMS, 100 - STREAMS]);
  for (const { headers } of refused) expect(headers["retry-after"]).toMatch(/^\d+$/);
  expect(await health(daemon)).toBe(200);
  expect(daemon.stderr().match(/no more event streams/g)).toHaveLength(1);
  const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
  expect(metrics).toContain(`sandbox_agent_event_streams ${STREAMS}\n`);
  expect(metrics).toContain(`sandbox_agent_event_streams_limit ${STREAMS}\n`);

  // An agent starts and works all the same.
  await post(`${sessions}/c`, { agent: "claude" });
  await post(`${sessions}/c/messages`, { message: "hello" });
  const events = async () => await (await fetch(`${sessions}/c/events`)).text();
  await expect.poll(events, { timeout: 60_000 }).toContain('"turn.ended"');
  expect(await events()).toContain('"status":"completed"');

  // Agents are refused before they take what connections need.
  const outcomes: (string | undefined)[] = [];
  for (let number = 0; number < 8; number++) {
    const session = `${sessions}/c${number}`;
    await post(session, { agent: "claude" });
    await post(`${session}/messages`, { message: "hello" });
    const status = async () => {
      const all = await (await fetch(`${session}/events`)).text();
      return /"metadata":\{"status":"(\w+)"/.exec(all)?.[1];
    };
    await expect.poll(status, { timeout: 60_000 }).toBeDefined();
    outcomes.push(await status());
  }
  expect(outcomes.at(-1)).toBe("failed");
  const failed = await (await fetch(`${sessions}/c7/events`)).text();
  expect(failed).toMatch(/process_start.*too many open files.*ulimit -n/);

  // More connections than there are descriptors.
  const silent = Array.from({ length: 100 }, () => open(daemon));
  await expect.poll(() => silent.every(({ connecting }) => !connecting)).toBe(true);
  await expect.poll(() => daemon.stderr()).toContain("no more connections");
  const before = await processorTime(daemon.pid);
  // The time in which the processor time is counted; a daemon that is idle needs next to none.
  await sleep(500);
  expect((await processorTime(daemon.pid)) - before).toBeLessThan(25);
  for (const socket of silent) socket.destroy();
  for (const response of reading) response.destroy();
  await expect.poll(() => health(daemon).catch(() => 0)).toBe(200);
});

describe("a daemon with a token", () => {
  let daemon: Daemon;
  const parts = new AsyncDisposableStack();

  beforeAll(async () => {
    const home = parts.use(await temporaryHome());
    daemon = parts.use(await startDaemon({ home, args: ["--token", "a-token-of-this-test"] }));
  });

  afterAll(() => parts[Symbol.asyncDispose]());

  it.each([
    ["POST /v1/sessions/s", 401],
    ["GET /v1/agents", 401],
    ["DELETE /v1/nothing", 401],
    ["POST /v1/health", 401],
    ["GET /v1/health", 200],
  ])(
    "answers %s with %i and closes its connection while the body is sent",
    async (line, status) => {
      const socket = open(daemon);
      socket.write(`${line} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 20000000\r\n\r\n`);
      // `text` ends when the daemon closes the connection. A body may take 300 s.
      const [answer] = await Promise.all([text(socket), dribble(socket)]);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).toMatch(/^connection: close\r$/im);
    },
  );

  it("delivers its refusal to a client that sends the whole body first", async () => {
    const size = 20_000_000;
    const socket = open(daemon).pause();
    socket.write(
      `POST /v1/sessions/s HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${size}\r\n\r\n`,
    );
    socket.write(Buffer.alloc(size));
    await once(socket, "drain");
    expect(await text(socket)).toMatch(/^HTTP\/1.1 401 [^]*token invalid/);
  });

  it.each([
    ["GET /v1/health\r\n\r\n", 400],
    ["GET /v1/health HTTP/0.9\r\nhost: localhost\r\n\r\n", 400],
    ["GET /v1/health HTTP/2.0\r\nhost: localhost\r\n\r\n", 400],
    [
      "GET /v1/health HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\nconnection: close\r\n\r\n",
      400,
    ],
    ["GET /v1/health HTTP/1.1\r\nhost: localhost\r\nexpect: x\r\nconnection: close\r\n\r\n", 417],
  ])("refuses %j with %i, an id and a line in the log", async (bytes, status) => {
    const answer = await exchange(daemon, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/^cross-origin-resource-policy: same-origin\r$/im);
    const [, id = "none"] = /^x-request-id: (\S+)\r$/im.exec(answer) ?? [];
    await expect.poll(() => daemon.stderr()).toContain(`"requestId":"${id}"`);
  });

  it("closes the connection of an offer to upgrade after its answer", async () => {
    const one = "GET /v1/health HTTP/1.1\r\nhost: localhost\r\n";
    const offer = `${one}connection: upgrade\r\nupgrade: websocket\r\n\r\n`;
    const answers = await exchange(daemon, `${offer}${one}\r\n`);
    expect(answers).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*connection: close\r\n/i);
    expect(answers.match(/HTTP\/1.1/g)).toHaveLength(1);
  });
});
