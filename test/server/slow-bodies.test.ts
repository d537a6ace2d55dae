import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setInterval as every } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { listeningApp } from "../support/listening-app.ts";

const SHORT = { wholeMs: 400, silenceMs: 100 };
const LONG = { wholeMs: 600_000, silenceMs: 600_000 };
const JSON_TYPE = "content-type: application/json\r\n";

function head(request: string, headers = "content-length: 20000000\r\n"): string {
  return `${request} HTTP/1.1\r\nhost: localhost\r\n${JSON_TYPE}${headers}\r\n`;
}

function open(app: { url: string }): Socket {
  // Some of these tests provoke a reset while the client still sends.
  return connect(Number(new URL(app.url).port), "127.0.0.1").on("error", () => {});
}

/** Sends a byte again and again until the connection is closed. */
async function dribble(socket: Socket): Promise<void> {
  const closed = new AbortController();
  socket.once("close", () => closed.abort());
  const ticks = every(20, undefined, { signal: closed.signal });
  try {
    for await (const _ of ticks) socket.write(" ");
  } catch {
    // The connection is closed.
  }
}

describe("a body that a route reads", () => {
  it.each(["content-length: 1000000\r\n", "transfer-encoding: chunked\r\n"])(
    "is a request timeout when its client is silent: %j",
    async (headers) => {
      await using app = await listeningApp({ bodyLimits: { ...LONG, silenceMs: 100 } });
      const socket = open(app);
      socket.write(head("POST /v1/sessions/s", headers));
      const answer = await text(socket);
      expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
      expect(answer).toMatch(/^connection: close\r$/im);
      expect(answer).toContain("urn:sandbox-agent:error:request_timeout");
      expect(answer).toContain("the body paused for more than 0.1 s");
    },
  );

  it("is a request timeout when it takes too long, however steady its client sends", async () => {
    await using app = await listeningApp({ bodyLimits: { ...LONG, wholeMs: 400 } });
    const socket = open(app);
    socket.write(head("POST /v1/sessions/s", "content-length: 1000000\r\n"));
    const [answer] = await Promise.all([text(socket), dribble(socket)]);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toContain("the body lasted for more than 0.4 s");
  });

  it("of 23 MiB is accepted from a slow client that keeps sending", async () => {
    await using app = await listeningApp({ bodyLimits: { wholeMs: 60_000, silenceMs: 400 } });
    await app.createSession("s");
    const start = '{"message":"';
    const size = 23 * 2 ** 20;
    const socket = open(app);
    const length = `content-length: ${size}\r\nconnection: close\r\n`;
    socket.write(head("POST /v1/sessions/s/messages", length) + start);
    let left = size - start.length - 2;
    // Longer altogether than a silence may be.
    for await (const _ of every(20)) {
      const piece = Math.min(left, 2 ** 20);
      socket.write("x".repeat(piece));
      left -= piece;
      if (left === 0) break;
    }
    socket.write('"}');
    expect(await text(socket)).toMatch(/^HTTP\/1.1 204 /);
  });
});

describe("the connection of a body that is not read", () => {
  it.each([
    ["401", { auth: { token: "t" } }, "POST /v1/sessions/s"],
    ["403", {}, "POST /v1/sessions/s HTTP/1.1\r\norigin: http://evil.example\r\nx: "],
    ["404", {}, "POST /v1/nothing"],
    ["405", {}, "PUT /v1/sessions/s"],
    ["413", {}, "POST /v1/sessions/s"],
    ["200", {}, "GET /v1/health"],
    ["200", {}, "OPTIONS /v1/health"],
    ["204", {}, "POST /v1/sessions/s/interrupt"],
    ["204", {}, "DELETE /v1/sessions/s"],
    ["200", {}, "GET /v1/sessions/s/events"],
  ])("is closed after %s, %j: %s", async (status, parts, request) => {
    await using app = await listeningApp({ ...parts, bodyLimits: LONG });
    if (status !== "401") await app.createSession("s");
    for (const send of [dribble, async () => undefined]) {
      if (status === "204" && send !== dribble) await app.createSession("s").catch(() => undefined);
      const socket = open(app);
      socket.write(head(request));
      // `text` ends when the server closes the connection. The deadlines of bodies are longer.
      const [answer] = await Promise.all([text(socket), send(socket)]);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).toMatch(/^connection: close\r$/im);
    }
  });

  it("delivers the answer to a client that sends all of it first", async () => {
    await using app = await listeningApp({ auth: { token: "t" }, bodyLimits: LONG });
    const size = 20_000_000;
    for (let round = 0; round < 5; round++) {
      const socket = open(app);
      socket.pause();
      socket.write(head("POST /v1/sessions/s", `content-length: ${size}\r\n`));
      await new Promise<void>((resolve) => socket.write(Buffer.alloc(size), () => resolve()));
      expect(await text(socket)).toMatch(/^HTTP\/1.1 401 [^]*token invalid/);
    }
  });

  it("stays open when the body came with the headers", async () => {
    await using app = await listeningApp({ auth: { token: "t" } });
    const socket = open(app);
    const refused = head("POST /v1/sessions/s", "content-length: 2\r\n");
    const last = "GET /v1/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    socket.write(`${refused}{}${last}`);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 401 [^]*HTTP\/1.1 200 [^]*\{"status":"ok"\}$/);
  });
});

it("a client that leaves in the middle of a body is not waited for", async () => {
  await using app = await listeningApp({ bodyLimits: LONG });
  const socket = open(app);
  socket.write(head("POST /v1/sessions/s", "content-length: 1000\r\n") + "{");
  const requests = async () =>
    (await (await fetch(`${app.url}/metrics`)).text()).match(
      /^sandbox_agent_http_requests_in_flight (\d+)$/m,
    )?.[1];
  await expect.poll(requests).toBe("2");
  socket.destroy();
  await once(socket, "close");
  await expect.poll(requests).toBe("1");
});

it("requests with bodies share one timer, which ends with the last body", async () => {
  await using app = await listeningApp({ bodyLimits: SHORT });
  const sockets = Array.from({ length: 20 }, () => open(app));
  for (const socket of sockets) socket.write(head("POST /v1/sessions/s", "content-length: 9\r\n"));
  const answers = await Promise.all(sockets.map((socket) => text(socket)));
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 408 /);
});
