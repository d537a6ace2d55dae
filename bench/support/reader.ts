import { setTimeout as sleep } from "node:timers/promises";
import type { Socket } from "node:net";
import { openStream } from "./client.ts";
import { type Tally, tally } from "./tally.ts";
import type { Daemon } from "./target.ts";

const END = Buffer.from('"type":"turn.ended"');
/** The end of a turn is the last that is told of it, and no longer than this. */
const END_BYTES = 2048;

/** What a reader of a session's stream has been given up to the end of a turn. */
export interface Read {
  bytes: number;
  /** When the end came, or the last piece of a stream that never told it. */
  endedAt: number;
  /** Looks at every event, if all was kept; to be called when no other reader is at work any more. */
  tally(): Tally;
}

export interface ReaderOptions {
  /** Keep all that comes, for `tally`. */
  count: boolean;
  /** Wait so long after each piece, in milliseconds. */
  pauseMs?: number;
  /** Give up when nothing has come for so long, in milliseconds. */
  patienceMs?: number;
}

/** Reads the stream of a session; `done` resolves with the end of the next turn. */
export class Reader {
  readonly done: Promise<Read>;
  readonly #socket: Socket;
  readonly #offset: number;
  readonly #options: ReaderOptions;

  private constructor(socket: Socket, offset: number, options: ReaderOptions) {
    this.#socket = socket;
    this.#offset = offset;
    this.#options = options;
    this.done = this.#read();
    // Where the message cannot be sent, nobody waits for this any more.
    this.done.catch(() => {});
  }

  /** Connects, and waits until the daemon has begun to answer or has nothing to say yet. */
  static async open(
    daemon: Daemon,
    session: string,
    offset: number,
    options: ReaderOptions,
  ): Promise<Reader> {
    const path = `/v1/sessions/${session}/events/sse?offset=${offset}`;
    return new Reader(await openStream(daemon, path), offset, options);
  }

  async #read(): Promise<Read> {
    const { count, pauseMs = 0, patienceMs = 20_000 } = this.#options;
    const socket = this.#socket;
    const kept: Buffer[] = [];
    const read: Read = {
      bytes: 0,
      endedAt: performance.now(),
      tally: () => tally(kept, this.#offset),
    };
    let tail: Buffer = Buffer.alloc(0);
    // A stream that falls silent has lost its end: what came of it still counts.
    socket.removeAllListeners("timeout").setTimeout(patienceMs, () => socket.push(null));
    for await (const piece of socket) {
      if (!Buffer.isBuffer(piece)) continue;
      read.bytes += piece.length;
      read.endedAt = performance.now();
      if (count) kept.push(piece);
      tail = endOf(tail, piece);
      if (tail.includes(END)) break;
      if (pauseMs > 0) await sleep(pauseMs);
    }
    socket.destroy();
    return read;
  }
}

/**
 * Reads an answer on a connection of its own until a mark has come, which is in its last event; gives the
 * milliseconds that took.
 */
export async function timeUntil(daemon: Daemon, path: string, mark: string): Promise<number> {
  const begun = performance.now();
  const socket = await openStream(daemon, path);
  // Only the end is looked through: to look through all would take a third of what is measured.
  let tail: Buffer = Buffer.alloc(0);
  for await (const piece of socket) {
    if (!Buffer.isBuffer(piece)) continue;
    tail = endOf(tail, piece);
    if (tail.includes(mark)) break;
  }
  const took = performance.now() - begun;
  socket.destroy();
  return took;
}

/** The end of all that has come, this piece the last of it. */
function endOf(before: Buffer, piece: Buffer): Buffer {
  return Buffer.concat([before, piece.subarray(-END_BYTES)]).subarray(-END_BYTES);
}
