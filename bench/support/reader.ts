import { setTimeout as sleep } from "node:timers/promises";
import type { Socket } from "node:net";
import { openStream } from "./client.ts";
import type { Daemon } from "./target.ts";

const DELTA = Buffer.from('"type":"item.delta"');
const END = Buffer.from('"type":"turn.ended"');
/** The end of a turn is the last that is told of it, and no longer than this. */
const END_BYTES = 2048;

/** What a reader of a session's stream has been given up to the end of a turn. */
export interface Read {
  deltas: number;
  bytes: number;
  /** When the end came, or the last piece of a stream that never told it. */
  endedAt: number;
}

export interface ReaderOptions {
  /** Count the deltas one by one: costs the machine some of what is measured. */
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
  readonly #options: ReaderOptions;

  private constructor(socket: Socket, options: ReaderOptions) {
    this.#socket = socket;
    this.#options = options;
    this.done = this.#read();
  }

  /** Connects, and waits until the daemon has begun to answer or has nothing to say yet. */
  static async open(
    daemon: Daemon,
    session: string,
    offset: number,
    options: ReaderOptions,
  ): Promise<Reader> {
    const path = `/v1/sessions/${session}/events/sse?offset=${offset}`;
    return new Reader(await openStream(daemon, path), options);
  }

  async #read(): Promise<Read> {
    const { count, pauseMs = 0, patienceMs = 20_000 } = this.#options;
    const socket = this.#socket;
    const read: Read = { deltas: 0, bytes: 0, endedAt: performance.now() };
    let tail: Buffer = Buffer.alloc(0);
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    for await (const piece of socket) {
      if (!Buffer.isBuffer(piece)) continue;
      read.bytes += piece.length;
      read.endedAt = performance.now();
      if (count) read.deltas += occurrences(piece, DELTA) + occurrences(seam(tail, piece), DELTA);
      tail = Buffer.concat([tail, piece.subarray(-END_BYTES)]).subarray(-END_BYTES);
      if (tail.includes(END)) break;
      if (pauseMs > 0) await sleep(pauseMs);
    }
    socket.destroy();
    return read;
  }
}

function occurrences(text: Buffer, word: Buffer): number {
  let found = 0;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length))
    found += 1;
  return found;
}

/** Where two pieces meet: long enough for a word that lies in both, too short for one in either. */
function seam(before: Buffer, after: Buffer): Buffer {
  const side = DELTA.length - 1;
  return Buffer.concat([before.subarray(-side), after.subarray(0, side)]);
}

/** Reads from the start until a mark has come; gives the milliseconds that took. */
export async function timeUntil(daemon: Daemon, session: string, mark: string): Promise<number> {
  const begun = performance.now();
  const socket = await openStream(daemon, `/v1/sessions/${session}/events/sse?offset=0`);
  const wanted = Buffer.from(mark);
  let tail: Buffer = Buffer.alloc(0);
  for await (const piece of socket) {
    const text = Buffer.concat([tail, piece]);
    if (text.includes(wanted, Math.max(0, tail.length - wanted.length))) break;
    tail = text.subarray(-wanted.length);
  }
  const took = performance.now() - begun;
  socket.destroy();
  return took;
}
