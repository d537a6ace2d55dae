import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import { closeWhenUnread } from "./unread-body.ts";

/** A reply that its route writes itself, piece by piece. */
export interface RawReply {
  readonly response: ServerResponse;
  /** Aborted as soon as the reader has gone, and by whoever wants the writing to end. */
  readonly left: AbortController;
}

/**
 * Takes a reply over, with the headers that it has and these. Undefined where nothing is to be written:
 * the answer to HEAD has been given then.
 */
export function takeOver(
  reply: FastifyReply,
  headers: Readonly<Record<string, string>>,
): RawReply | undefined {
  closeWhenUnread(reply.request, reply);
  reply.hijack();
  const response = reply.raw;
  for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...headers })) {
    if (value !== undefined) response.setHeader(name, value);
  }
  if (reply.request.method === "HEAD") {
    response.end();
    return undefined;
  }
  const left = new AbortController();
  const leave = (): void => left.abort();
  if (response.destroyed) leave();
  else response.once("error", leave).once("close", leave);
  return { response, left };
}

/** Resolves when more can be written, or the reader has gone; `sent` is called when these bytes are. */
export async function write(
  { response, left: { signal } }: RawReply,
  bytes: Buffer | string,
  sent?: () => void,
): Promise<void> {
  if (response.write(bytes, sent)) return;
  // A connection that is gone never drains: its end aborts the signal.
  await once(response, "drain", { signal }).catch(() => undefined);
}
