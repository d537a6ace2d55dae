import { setTimeout as sleep } from "node:timers/promises";
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Time for a client that still sends to read its answer. */
const LINGER_MS = 1000;

/** Tests for an announced body that has not arrived completely. */
export function isUnread({ raw: { complete, headers } }: FastifyRequest): boolean {
  if (complete) return false;
  const { "content-length": length = "0", "transfer-encoding": encoding } = headers;
  return encoding !== undefined || length !== "0";
}

/**
 * Closes the connection after an answer to a request whose body has not arrived completely.
 * To be called before the headers of the answer are sent.
 */
export function closeWhenUnread(request: FastifyRequest, reply: FastifyReply): void {
  if (!isUnread(request)) return;
  reply.header("connection", "close");
  const { raw } = request;
  const { socket } = raw;
  // Node and Bun call this after the answer. By default it closes both directions, and the system then
  // resets the connection of a client that still sends, which loses the answer.
  socket.destroySoon = () => {
    raw.resume();
    void linger(socket);
  };
}

/** Ends the writing direction, and destroys the connection when the client does not close it. */
export async function linger(socket: Socket): Promise<void> {
  const closed = new AbortController();
  socket.once("close", () => closed.abort());
  socket.end();
  await sleep(LINGER_MS, undefined, { signal: closed.signal, ref: false }).catch(() => undefined);
  socket.destroy();
}
