import { once } from "node:events";
import type { FastifyReply } from "fastify";
import type { EventLog } from "../sessions/event-log.ts";
import { type RawReply, takeOver } from "./raw-reply.ts";
import type { Readers } from "./readers.ts";

const SLICE_BYTES = 128 * 1024;
/** Slices with raw payloads are copies. */
const RAW_SLICE_BYTES = 64 * 1024;
/** How long a reader may take for what it has been sent when the daemon ends. */
const FLUSH_MS = 1000;

const HEADERS = {
  // Without it Python's requests decodes the stream as Latin-1.
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // No `connection: close`: with it the `fetch` of Node 24 (undici 7.29) crashes its process when a
  // stream is reset while the reader is behind (nodejs/undici#5360). The end closes connections itself.
  "x-accel-buffering": "no",
};

/** Which events a stream has; what is not known yet is undefined. */
export interface StreamSource {
  log: EventLog;
  includeRaw: boolean;
  /** Sequence of the event before the first. */
  after: () => number | undefined;
  /** Sequence of the last event; a stream without one ends with its log. */
  until: () => number | undefined;
}

/** The server-sent event streams that are open. */
export class EventStreams {
  readonly #keepAliveMs: number;
  readonly #readers: Readers;
  readonly #open = new Set<RawReply>();

  constructor(keepAliveMs: number, readers: Readers) {
    this.#keepAliveMs = keepAliveMs;
    this.#readers = readers;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Takes the reply over and sends events until the source or the reader ends. */
  async send(reply: FastifyReply, source: StreamSource): Promise<void> {
    const raw = takeOver(reply, HEADERS, this.#readers);
    if (!raw) return;
    const { response } = raw;
    if (!response.destroyed) {
      this.#open.add(raw);
      response.once("close", () => this.#open.delete(raw));
    }
    response.flushHeaders();
    try {
      await pump(raw, source, this.#keepAliveMs);
      response.end();
    } catch {
      // Overtaken: events this reader has not had are gone. It must see that the stream broke off.
      response.destroy();
    }
  }

  /** Ends all streams; a reader that does not take what it was sent is cut off. */
  async close(): Promise<void> {
    const signal = AbortSignal.timeout(FLUSH_MS);
    const closing = [...this.#open].map(async ({ response, left }) => {
      const closed = once(response, "close", { signal });
      left.abort();
      await closed.catch(() => response.destroy());
    });
    await Promise.all(closing);
  }
}

/** Replay and live tail are this one loop: read on from the cursor, or wait for the bell. */
async function pump(
  raw: RawReply,
  { log, includeRaw, after, until }: StreamSource,
  keepAliveMs: number,
): Promise<void> {
  const { signal } = raw.left;
  const maxBytes = includeRaw ? RAW_SLICE_BYTES : SLICE_BYTES;
  const cut = () => raw.cut();
  let sequence: number | undefined;
  while (!signal.aborted) {
    sequence ??= after();
    const upTo = until() ?? Infinity;
    const options = { includeRaw, upTo, maxBytes, cut };
    const piece = sequence === undefined ? undefined : log.readFrames(sequence, options);
    if (piece) {
      sequence = piece.lastSequence;
      await raw.write(piece);
    } else if (log.closed || (sequence !== undefined && sequence >= upTo)) {
      return;
    } else if ((await log.bell.wait({ signal, timeoutMs: keepAliveMs })) === "timeout") {
      await raw.write({ chunks: [": keep-alive\n\n"] });
    }
  }
}
