import { once } from "node:events";
import { connect } from "node:net";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { listeningApp } from "../support/listening-app.ts";

const LAST = "connection: close\r\n\r\n";

/** Sends bytes in one segment, and returns the answers and the log until the connection closes. */
async function exchange(bytes: string): Promise<{ answers: string; lines: unknown[] }> {
  const lines: unknown[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  await using app = await listeningApp({ logger });
  lines.length = 0;
  const socket = connect(Number(new URL(app.url).port), "127.0.0.1").setEncoding("utf8");
  let answers = "";
  socket.on("data", (text: string) => (answers += text));
  socket.write(bytes);
  await once(socket, "close");
  return { answers, lines };
}

describe("a request is refused with an id, a problem and a line in the log", () => {
  it.each([
    ["GET /v1/health\r\n\r\n", 400],
    ["GET /v1/health HTTP/0.9\r\nhost: localhost\r\n\r\n", 400],
    ["GET /v1/health HTTP/2.0\r\nhost: localhost\r\n\r\n", 400],
    [`GET /v1/health HTTP/1.1\r\nhost: localhost\r\nHOST: evil.example\r\n${LAST}`, 400],
    [`GET /v1/health HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n${LAST}`, 400],
    [`OPTIONS /v1/health HTTP/1.1\r\nhost: localhost\r\nhost: a\r\n${LAST}`, 400],
    [`GET /v1/health HTTP/1.1\r\nhost: localhost\r\nexpect: x\r\n${LAST}`, 417],
    [`GET /v1/health HTTP/1.1\r\nhost: localhost\r\nexpect: \r\n${LAST}`, 417],
    [
      `POST /v1/sessions/s HTTP/1.1\r\nhost: localhost\r\nexpect: x-continue\r\ncontent-length: 2\r\n${LAST}{}`,
      417,
    ],
    ["CONNECT localhost:80 HTTP/1.1\r\nhost: localhost\r\n\r\n", 400],
    ["CONNECT /v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n", 400],
    ["hello\r\n\r\n", 400],
    ["GET /v1/health HTTP/1.1\r\nbad header\r\n\r\n", 400],
  ])("%j", async (bytes, status) => {
    const { answers, lines } = await exchange(bytes);
    expect(answers).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const [head = "", body = ""] = answers.split("\r\n\r\n");
    const [, requestId] = /^x-request-id: (\S+)$/im.exec(head) ?? [];
    expect(head).toMatch(/^x-content-type-options: nosniff$/im);
    expect(head).toMatch(/^cross-origin-resource-policy: same-origin$/im);
    expect(JSON.parse(body)).toMatchObject({ status, requestId: expect.any(String) });
    await expect.poll(() => lines).toMatchObject([{ requestId, status }]);
  });
});

it("an expectation to continue is met, and HTTP/1.0 has no expectations", async () => {
  const size = "content-length: 16\r\ncontent-type: application/json\r\n";
  const body = '{"agent":"mock"}';
  const one = `POST /v1/sessions/s HTTP/1.1\r\nhost: localhost\r\nexpect: 100-Continue\r\n`;
  expect((await exchange(`${one}${size}${LAST}${body}`)).answers).toMatch(
    /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /,
  );
  const old = `GET /v1/health HTTP/1.0\r\nhost: localhost\r\nexpect: x\r\n\r\n`;
  expect((await exchange(old)).answers).toMatch(/^HTTP\/1.1 200 /);
});

it.each(["websocket", "h2c"])("an offer to upgrade to %s ends the connection", async (protocol) => {
  const offer = `GET /v1/health HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n\r\n`;
  const second = "GET /v1/sessions HTTP/1.1\r\nhost: localhost\r\n\r\n";
  const { answers } = await exchange(offer + second);
  // A client repeats the requests behind an answer that closes the connection.
  expect(answers).toMatch(
    /^HTTP\/1.1 200 OK\r\n[^]*^connection: close\r\n[^]*\{"status":"ok"\}$/im,
  );
});

it("requests in one segment are all answered", async () => {
  const one = "GET /v1/health HTTP/1.1\r\nhost: localhost\r\n";
  const { answers } = await exchange(`${one}\r\n${one}\r\n${one}${LAST}`);
  expect(answers.match(/HTTP\/1.1 200 OK/g)).toHaveLength(3);
});

it("every kind of answer forbids embedding and guessing its type", async () => {
  await using app = await listeningApp();
  await app.createSession("s");
  const paths = ["/", "/v1/health", "/ui/", "/ui", "/nothing", "/%", "/metrics", "/openapi.json"];
  const events = ["/v1/sessions/s/events", "/v1/sessions/s/events/sse"];
  for (const path of [...paths, ...events, "/v1/sessions/s/images?path=x"]) {
    for (const method of ["GET", "HEAD", "OPTIONS", "DELETE"]) {
      const stop = new AbortController();
      const init = { method, redirect: "manual", signal: stop.signal } as const;
      const { headers } = await fetch(app.url + path, init);
      stop.abort();
      expect([method, path, headers.get("x-content-type-options")]).toContain("nosniff");
      expect([method, path, headers.get("cross-origin-resource-policy")]).toContain("same-origin");
    }
  }
});
