import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import type { EventLog } from "../sessions/event-log.ts";

const SLICE_BYTES = 128 * 1024;
/** How long a reader may take for what it has been sent when the daemon ends. */
const FLUSH_MS = 1000;

const HEADERS = {
  "content-type": "text/event-stream",
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
  readonly #open = new Map<ServerResponse, AbortController>();

  constructor(keepAliveMs: number) {
    this.#keepAliveMs = keepAliveMs;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Takes the reply over and sends events until the source or the reader ends. */
  async send(reply: FastifyReply, source: StreamSource): Promise<void> {
    reply.hijack();
    const response = reply.raw;
    for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...HEADERS })) {
      if (value !== undefined) response.setHeader(name, value);
    }
    if (reply.request.method === "HEAD") {
      response.end();
      return;
    }
    response.flushHeaders();
    const left = this.#watch(response);
    try {
      await pump(response, source, { signal: left.signal, keepAliveMs: this.#keepAliveMs });
      response.end();
    } catch {
      // Overtaken: events this reader has not had are gone. It must see that the stream broke off.
      response.destroy();
    }
  }

  /** Ends all streams; a reader that does not take what it was sent is cut off. */
  async close(): Promise<void> {
    const signal = AbortSignal.timeout(FLUSH_MS);
    const closing = [...this.#open].map(async ([response, left]) => {
      const closed = once(response, "close", { signal });
      left.abort();
      await closed.catch(() => response.destroy());
    });
    await Promise.all(closing);
  }

  /** A controller that is aborted as soon as the reader has gone. */
  #watch(response: ServerResponse): AbortController {
    const left = new AbortController();
    if (response.destroyed) {
      left.abort();
      return left;
    }
    this.#open.set(response, left);
    response.once("error", () => left.abort());
    response.once("close", () => {
      this.#open.delete(response);
      left.abort();
    });
    return left;
  }
}

/** Replay and live tail are this one loop: read on from the cursor, or wait for the bell. */
async function pump(
  response: ServerResponse,
  { log, includeRaw, after, until }: StreamSource,
  { signal, keepAliveMs }: { signal: AbortSignal; keepAliveMs: number },
): Promise<void> {
  let sequence: number | undefined;
  while (!signal.aborted) {
    sequence ??= after();
    const upTo = until() ?? Infinity;
    const options = { includeRaw, upTo, maxBytes: SLICE_BYTES };
    const piece = sequence === undefined ? undefined : log.readFrames(sequence, options);
    if (piece) {
      sequence = piece.lastSequence;
      await write(response, piece.bytes, signal, piece.release);
    } else if (log.closed || (sequence !== undefined && sequence >= upTo)) {
      return;
    } else if ((await log.bell.wait({ signal, timeoutMs: keepAliveMs })) === "timeout") {
      await write(response, ": keep-alive\n\n", signal);
    }
  }
}

async function write(
  response: ServerResponse,
  bytes: Buffer | string,
  signal: AbortSignal,
  sent?: () => void,
): Promise<void> {
  if (response.write(bytes, sent)) return;
  // A connection that is gone never drains: its end aborts the signal.
  await once(response, "drain", { signal }).catch(() => undefined);
}
