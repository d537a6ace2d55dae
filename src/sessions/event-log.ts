import { Bell } from "../io/bell.ts";
import { garbage, LARGE_MESSAGE } from "../io/garbage.ts";
import { ProblemError } from "../schema/problem.ts";
import type { EventBuffer } from "./event-buffer.ts";
import { type Cut, EventSlab } from "./event-slab.ts";

const FIRST_SLAB_BYTES = 1024;
/** A large event is sent in chunks of this size: Bun copies a chunk that its reader does not accept. */
const CHUNK_BYTES = 64 * 1024;
/** No chunk of several events is larger than this. */
const MAX_CHUNK_BYTES = 128 * 1024;

/** A piece of a log: the bytes to send, and the sequence of the last event in them. */
export interface LogPiece {
  chunks: readonly Buffer[];
  lastSequence: number;
  /** Bytes that are kept only for this piece. */
  heldBytes: () => number;
  /** To be called once, when the bytes have been sent or never will be. The memory is then reused. */
  release: () => void;
}

/** Limits and options of one read. */
export interface ReadOptions {
  includeRaw: boolean;
  /** The last sequence to read. */
  upTo?: number;
  /** A larger piece is a single event. */
  maxBytes?: number;
  /** Ends the reader. Called when it has held memory for too long. */
  cut?: Cut;
}

/** How much of a log is taken as JSON. */
export interface JsonOptions extends ReadOptions {
  /** What stands before the first event, in ASCII. */
  lead?: string;
}

/**
 * The events of one session, append-only, each serialised once and kept as bytes. A reader holds
 * nothing but the sequence of the last event it has had: replay is reading, live tail is reading
 * again after the bell.
 */
export class EventLog {
  /** Rung after events have been appended, and when the log is closed. */
  readonly bell = new Bell();
  readonly #buffer: EventBuffer;
  #slabs: EventSlab[] = [];
  #lastSequence = 0;
  #closed = false;

  constructor(buffer: EventBuffer) {
    this.#buffer = buffer;
  }

  /** Sequence of the newest event; 0 in an empty log. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Sequence of the oldest event that is still kept. */
  get firstSequence(): number {
    return this.#slabs[0]?.firstSequence ?? this.#lastSequence + 1;
  }

  /** A closed log gets no further event. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Adds an event. `json` gets its sequence and returns its JSON, which must end with `null}`: the
   * place of the raw payload. Returns the sequence.
   */
  append(json: (sequence: number) => string, raw?: string): number {
    if (this.#closed) throw new Error("an event was recorded after the end of its session");
    const sequence = this.#lastSequence + 1;
    const frame = `id: ${sequence}\ndata: ${json(sequence)}\n\n`;
    const frameBytes = Buffer.byteLength(frame);
    const rawBytes = raw === undefined ? 0 : Buffer.byteLength(raw);
    const slab = this.#slabFor(sequence, frameBytes, rawBytes);
    const before = slab.bytes;
    slab.append(frame, frameBytes, raw, rawBytes);
    this.#lastSequence = sequence;
    this.#buffer.grow(slab, slab.bytes - before);
    this.bell.ring();
    // A collection slows down the events that follow, and small events do not need one.
    if (frameBytes + rawBytes >= LARGE_MESSAGE) garbage.passed(frameBytes + rawBytes);
    return sequence;
  }

  /** Throws `events_expired` where the event after `sequence` is no longer kept. */
  requireKept(sequence: number): void {
    const { firstSequence } = this;
    if (sequence + 1 >= firstSequence) return;
    throw new ProblemError(
      "events_expired",
      `events expired: the oldest event kept is ${firstSequence}; read on from offset ${firstSequence - 1}`,
      { firstSequence },
    );
  }

  /** The SSE frames of some of the events after `sequence`; undefined when none has been recorded yet. */
  readFrames(sequence: number, options: ReadOptions): LogPiece | undefined {
    const part = this.#part(sequence, options);
    if (!part) return undefined;
    const { slab, from, to } = part;
    const { includeRaw, cut } = options;
    const chunks = slab.framesOf(from, to, includeRaw);
    if (slab.sharesFrames(from, to, includeRaw)) return pinned(slab, chunks, to, cut);
    const heldBytes = () => slab.bytesOf(from, to, includeRaw);
    return { chunks, lastSequence: to, heldBytes, release: () => undefined };
  }

  /** The same events as JSON, joined by commas: a copy, or one event that is larger than a loan. */
  readJson(sequence: number, options: JsonOptions): LogPiece | undefined {
    const { includeRaw, lead = "", maxBytes = Infinity, cut } = options;
    const room = this.#buffer.loanBytes - lead.length;
    const part = this.#part(sequence, { ...options, maxBytes: Math.min(maxBytes, room) });
    if (!part) return undefined;
    const { slab, from, to } = part;
    const bytes = slab.bytesOf(from, to, includeRaw);
    if (bytes > room) {
      return pinned(slab, [Buffer.from(lead), ...slab.jsonOf(from, includeRaw)], to, cut);
    }
    const { memory, release } = this.#buffer.lend(lead.length + bytes);
    const begin = memory.write(lead, "latin1");
    const end = slab.writeJson(memory, begin, { from, to, includeRaw });
    const heldBytes = () => memory.length;
    return { chunks: [memory.subarray(0, end)], lastSequence: to, heldBytes, release };
  }

  /** No event follows: every reader that has had the last one is done. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#buffer.retire(this.#slabs);
    this.bell.ring();
  }

  /** Gives the memory back; the log is not read any more. */
  forget(): void {
    this.close();
    // A slab that is dropped takes itself out of the list.
    for (let slab = this.#slabs[0]; slab; slab = this.#slabs[0]) {
      this.#buffer.remove(slab);
      slab.drop();
    }
  }

  /** The events after `sequence` that lie together in one slab, as many as are wanted. */
  #part(
    sequence: number,
    { includeRaw, upTo = Infinity, maxBytes = Infinity }: ReadOptions,
  ): { slab: EventSlab; from: number; to: number } | undefined {
    this.requireKept(sequence);
    const from = sequence + 1;
    if (from > Math.min(this.#lastSequence, upTo)) return undefined;
    const slab = this.#slabWith(from);
    const isBounded = maxBytes !== Infinity;
    const last = isBounded ? slab.lastWithin(from, maxBytes, includeRaw) : slab.lastSequence;
    return { slab, from, to: Math.min(last, upTo) };
  }

  #slabWith(sequence: number): EventSlab {
    let low = 0;
    let high = this.#slabs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#slabs[middle]?.firstSequence ?? Infinity) <= sequence) low = middle;
      else high = middle - 1;
    }
    const slab = this.#slabs[low];
    if (!slab) throw new Error(`event ${sequence} is not in the log`);
    return slab;
  }

  #slabFor(sequence: number, frameBytes: number, rawBytes: number): EventSlab {
    const newest = this.#slabs.at(-1);
    if (newest?.fits(frameBytes, rawBytes)) return newest;
    // As large as what is kept, so that a log's slabs grow with it, and shrink when it is dropped.
    const kept = this.#slabs.reduce((sum, slab) => sum + slab.capacityBytes, 0);
    const wanted = Math.max(FIRST_SLAB_BYTES, Math.min(kept, this.#buffer.maxSlabBytes));
    const capacity = Math.max(frameBytes, wanted);
    const slab = new EventSlab(sequence, capacity, this.#buffer, () => {
      this.#slabs.shift();
    });
    this.#slabs.push(slab);
    this.#buffer.add(slab);
    return slab;
  }
}

/** A piece that consists of parts of a slab, which stays in memory until the piece is released. */
function pinned(
  slab: EventSlab,
  parts: Buffer[],
  lastSequence: number,
  cut: Cut | undefined,
): LogPiece {
  const chunks = parts.flatMap(chunksOf);
  return { chunks, lastSequence, heldBytes: () => slab.heldBytes, release: slab.pin(cut) };
}

function chunksOf(part: Buffer): Buffer[] {
  if (part.length <= MAX_CHUNK_BYTES) return [part];
  const count = Math.ceil(part.length / CHUNK_BYTES);
  return Array.from({ length: count }, (_, n) =>
    part.subarray(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES),
  );
}
