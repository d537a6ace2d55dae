import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import type { Daemon } from "./target.ts";

/** One kept connection, so that what is measured is the daemon and not the connecting. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** Whoever says nothing for so long is given up. */
const PATIENCE_MS = 20_000;

/** Asks and reads the whole answer; gives the bytes of its body. */
export async function ask(
  { url }: Daemon,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<Buffer> {
  const sent = request(url + path, {
    method,
    agent,
    headers: body === undefined ? {} : { "content-type": "application/json" },
  });
  sent.setTimeout(PATIENCE_MS, () => sent.destroy(silence(`${method} ${path}`)));
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = await once(sent, "response");
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  if (answer.statusCode < 300) return bytes;
  throw new Error(`${method} ${path}: ${answer.statusCode} ${bytes.toString().slice(0, 300)}`);
}

/** A session of the agent, at work in the daemon's own folder. */
export async function createSession(
  daemon: Daemon,
  id: string,
  agent: string,
  body: object = {},
): Promise<void> {
  await ask(daemon, "POST", `/v1/sessions/${id}`, { agent, ...body });
}

export async function send(daemon: Daemon, id: string, message: string): Promise<void> {
  await ask(daemon, "POST", `/v1/sessions/${id}/messages`, { message });
}

/** How many events a session has. */
export async function eventCount(daemon: Daemon, id: string): Promise<number> {
  const list = JSON.parse((await ask(daemon, "GET", "/v1/sessions")).toString());
  const found = list.sessions.find((session: { sessionId: string }) => session.sessionId === id);
  return found?.eventCount ?? 0;
}

/** A bare connection on which one request has been sent; it breaks where nothing comes for long. */
export async function openStream({ port }: Daemon, path: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  // Whoever reads is told of it by the reading.
  socket.on("error", () => {});
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(silence(`GET ${path}`)));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n`);
  return socket;
}

function silence(what: string): Error {
  return new Error(`${what}: nothing came for ${PATIENCE_MS / 1000} s`);
}

/** Creates sessions of the mock over some kept connections, one after the other on each. */
export async function createMany(
  { port }: Daemon,
  count: number,
  prefix: string,
  connections = 16,
): Promise<void> {
  const body = JSON.stringify({ agent: "mock" });
  const head = `Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  let next = 0;
  const create = () => `POST /v1/sessions/${prefix}${next++} HTTP/1.1\r\n${head}\r\n\r\n${body}`;
  const workers = Array.from({ length: connections }, async () => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    if (next < count) socket.write(create());
    else socket.end();
    for await (const piece of socket) {
      const answer = Buffer.from(piece).toString();
      // Of an answer in several pieces only the first has a status.
      if (!answer.startsWith("HTTP/1.1 ")) continue;
      if (!answer.startsWith("HTTP/1.1 200")) throw new Error(answer);
      if (next >= count) break;
      socket.write(create());
    }
    socket.destroy();
  });
  await Promise.all(workers);
}
