import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import type { Reader, Readers } from "./readers.ts";
import { closeWhenUnread } from "./unread-body.ts";

/** Bytes for a reader, and the memory that is kept for them. */
export interface Piece {
  /** Each is written as a whole, and the connection of a slow reader may copy it. */
  chunks: readonly (Buffer | string)[];
  heldBytes?: () => number;
  /** Called once, when the bytes have been sent or never will be. */
  release?: () => void;
}

/** A reply that its route writes itself, piece by piece. */
export class RawReply implements Reader {
  readonly response: ServerResponse;
  /** Aborted when the reader has gone, and by any code that wants the writing to end. */
  readonly left = new AbortController();
  accepted = 0;
  /** Pieces that have not been sent completely. */
  readonly #pieces = new Set<Piece>();

  constructor(response: ServerResponse, readers: Readers) {
    this.response = response;
    const leave = (): void => {
      this.left.abort();
      readers.remove(this);
      for (const piece of this.#pieces) this.#release(piece);
    };
    if (response.destroyed) {
      this.left.abort();
      return;
    }
    readers.add(this);
    response.once("error", leave).once("close", leave);
  }

  get isBehind(): boolean {
    return this.#pieces.size > 0;
  }

  get heldBytes(): number {
    let bytes = 0;
    for (const piece of this.#pieces) bytes += piece.heldBytes?.() ?? 0;
    return bytes;
  }

  cut(): void {
    this.response.destroy();
  }

  /** Resolves when more can be written, or when the reader has gone. */
  async write(piece: Piece): Promise<void> {
    const { chunks } = piece;
    this.#pieces.add(piece);
    for (const [index, chunk] of chunks.entries()) {
      if (this.left.signal.aborted) return this.#release(piece);
      const isLast = index === chunks.length - 1;
      const sent = isLast ? () => this.#release(piece) : () => void (this.accepted += 1);
      if (this.response.write(chunk, sent)) continue;
      // A connection that is gone never drains: its end aborts the signal.
      await once(this.response, "drain", { signal: this.left.signal }).catch(() => undefined);
    }
  }

  #release(piece: Piece): void {
    if (!this.#pieces.delete(piece)) return;
    this.accepted += 1;
    piece.release?.();
  }
}

/**
 * Takes a reply over, with the headers that it has and these. Returns undefined when nothing remains
 * to be written, because HEAD has been answered.
 */
export function takeOver(
  reply: FastifyReply,
  headers: Readonly<Record<string, string>>,
  readers: Readers,
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
  return new RawReply(response, readers);
}
