import type { EventBuffer, Slab } from "./event-buffer.ts";

const NULL_AND_CLOSE = "null}\n\n".length;
const CLOSE = Buffer.from("}\n\n");
const SEPARATOR_LENGTH = 2;
const CLOSE_OBJECT = Buffer.from("}");
const COMMA = ",".charCodeAt(0);
const BRACE = "}".charCodeAt(0);

/** Length of `id: <sequence>\ndata: `, which precedes the JSON of each frame. */
function prefixLength(sequence: number): number {
  return "id: ".length + String(sequence).length + "\ndata: ".length;
}

/** Ends a reader. */
export type Cut = () => void;

/** A part of a slab that a reader is sending. */
interface Pin {
  cut: Cut | undefined;
}

/**
 * A run of events stored as the SSE frames that readers are sent, side by side in one buffer.
 * The raw payloads lie in a second buffer, since most readers do not ask for them: every frame ends
 * with `null}` and a reader who wants the payload is given it in place of that `null`.
 */
export class EventSlab implements Slab {
  readonly firstSequence: number;
  readonly #buffer: EventBuffer;
  readonly #forget: () => void;
  #count = 0;
  /** The parts of the frames that readers are sending. */
  readonly #pins = new Set<Pin>();
  #dropped = false;
  readonly #frames: Buffer;
  #raws: Buffer | undefined;
  #frameEnds = new Uint32Array(16);
  #rawEnds = new Uint32Array(16);

  /** `forget` takes the slab out of its log. */
  constructor(
    firstSequence: number,
    capacityBytes: number,
    buffer: EventBuffer,
    forget: () => void,
  ) {
    this.firstSequence = firstSequence;
    this.#buffer = buffer;
    this.#forget = forget;
    this.#frames = buffer.allocate(capacityBytes);
  }

  drop(): void {
    this.#forget();
    this.#dropped = true;
    if (this.#pins.size > 0) this.#buffer.hold(this);
    else this.#recycle();
  }

  /** Keeps the memory until the returned function is called. `cut` ends the reader that needs it. */
  pin(cut: Cut | undefined): () => void {
    const pin = { cut };
    this.#pins.add(pin);
    return () => {
      if (!this.#pins.delete(pin) || !this.#dropped || this.#pins.size > 0) return;
      this.#buffer.letGo(this);
      this.#recycle();
    };
  }

  cutReaders(): void {
    for (const { cut } of this.#pins) cut?.();
  }

  /** Bytes that are kept only because a reader is sending them. */
  get heldBytes(): number {
    return this.#dropped ? this.bytes : 0;
  }

  get bytes(): number {
    return (
      this.#frames.length +
      (this.#raws?.length ?? 0) +
      this.#frameEnds.byteLength +
      this.#rawEnds.byteLength
    );
  }

  get count(): number {
    return this.#count;
  }

  get capacityBytes(): number {
    return this.#frames.length;
  }

  get lastSequence(): number {
    return this.firstSequence + this.#count - 1;
  }

  /** Whether a frame and a raw payload of these sizes still fit. */
  fits(frameBytes: number, rawBytes: number): boolean {
    const rawRoom = this.#raws ? this.#raws.length - this.#rawEnd(this.#count) : Infinity;
    return frameBytes <= this.#frames.length - this.#frameEnd(this.#count) && rawBytes <= rawRoom;
  }

  /** Adds the next event; the sizes are those of the texts in UTF-8 and must fit. */
  append(frame: string, frameBytes: number, raw: string | undefined, rawBytes: number): void {
    if (this.#count === this.#frameEnds.length) {
      this.#frameEnds = doubled(this.#frameEnds);
      this.#rawEnds = doubled(this.#rawEnds);
    }
    const start = this.#frameEnd(this.#count);
    const rawStart = this.#rawEnd(this.#count);
    this.#frames.write(frame, start);
    if (raw !== undefined) {
      this.#raws ??= this.#buffer.allocate(Math.max(this.#frames.length, rawBytes));
      this.#raws.write(raw, rawStart);
    }
    this.#frameEnds[this.#count] = start + frameBytes;
    this.#rawEnds[this.#count] = rawStart + rawBytes;
    this.#count += 1;
  }

  /** True if `framesOf` returns parts of the slab itself. */
  sharesFrames(from: number, to: number, includeRaw: boolean): boolean {
    return from === to || !includeRaw || !this.#raws;
  }

  /** The frames of the events `from` to `to`: a copy, unless the slab shares them. */
  framesOf(from: number, to: number, includeRaw: boolean): Buffer[] {
    const first = from - this.firstSequence;
    const last = to - this.firstSequence;
    if (!includeRaw || !this.#raws) {
      return [this.#frames.subarray(this.#frameEnd(first), this.#frameEnd(last + 1))];
    }
    if (first === last) return this.#withRaw(first);
    const pieces: Buffer[] = [];
    for (let index = first; index <= last; index++) {
      pieces.push(...this.#withRaw(index));
    }
    return [Buffer.concat(pieces)];
  }

  /** The JSON of one event, as parts of the slab itself. */
  jsonOf(sequence: number, includeRaw: boolean): Buffer[] {
    const index = sequence - this.firstSequence;
    const start = this.#frameEnd(index) + prefixLength(sequence);
    const end = this.#frameEnd(index + 1);
    const rawStart = this.#rawEnd(index);
    const rawEnd = this.#rawEnd(index + 1);
    if (!includeRaw || !this.#raws || rawEnd === rawStart) {
      return [this.#frames.subarray(start, end - SEPARATOR_LENGTH)];
    }
    return [
      this.#frames.subarray(start, end - NULL_AND_CLOSE),
      this.#raws.subarray(rawStart, rawEnd),
      CLOSE_OBJECT,
    ];
  }

  /** The bytes of the events `from` to `to`; their JSON is a little shorter. */
  bytesOf(from: number, to: number, includeRaw: boolean): number {
    const first = from - this.firstSequence;
    const next = to + 1 - this.firstSequence;
    const raws = includeRaw ? this.#rawEnd(next) - this.#rawEnd(first) : 0;
    return this.#frameEnd(next) - this.#frameEnd(first) + raws;
  }

  /**
   * Writes the JSON of the events `from` to `to`, joined by commas, to `target` at `offset`. Gives where it
   * ends. Copied one by one: a buffer object for each event would take most of the time.
   */
  writeJson(
    target: Buffer,
    offset: number,
    { from, to, includeRaw }: { from: number; to: number; includeRaw: boolean },
  ): number {
    let end = offset;
    let prefix = prefixLength(from);
    let longerAt = 10 ** String(from).length;
    for (let sequence = from; sequence <= to; sequence++) {
      const index = sequence - this.firstSequence;
      if (sequence > from) target[end++] = COMMA;
      // To write each sequence for its length would take as long as to copy the event.
      if (sequence === longerAt) {
        prefix += 1;
        longerAt *= 10;
      }
      const start = this.#frameEnd(index) + prefix;
      const stop = this.#frameEnd(index + 1);
      const rawStart = this.#rawEnd(index);
      const rawEnd = this.#rawEnd(index + 1);
      if (includeRaw && this.#raws && rawEnd > rawStart) {
        end += this.#frames.copy(target, end, start, stop - NULL_AND_CLOSE);
        end += this.#raws.copy(target, end, rawStart, rawEnd);
        target[end++] = BRACE;
      } else {
        end += this.#frames.copy(target, end, start, stop - SEPARATOR_LENGTH);
      }
    }
    return end;
  }

  /** The last event after `from` such that `bytesOf` stays within `maxBytes`; at least `from`. */
  lastWithin(from: number, maxBytes: number, includeRaw: boolean): number {
    let low = from;
    let high = this.lastSequence;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.bytesOf(from, middle, includeRaw) <= maxBytes) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #recycle(): void {
    this.#buffer.recycle(this.#frames);
    if (this.#raws) this.#buffer.recycle(this.#raws);
  }

  #withRaw(index: number): Buffer[] {
    const start = this.#frameEnd(index);
    const end = this.#frameEnd(index + 1);
    const rawStart = this.#rawEnd(index);
    const rawEnd = this.#rawEnd(index + 1);
    if (rawEnd === rawStart || !this.#raws) return [this.#frames.subarray(start, end)];
    return [
      this.#frames.subarray(start, end - NULL_AND_CLOSE),
      this.#raws.subarray(rawStart, rawEnd),
      CLOSE,
    ];
  }

  /** Where the frame before `index` ends. */
  #frameEnd(index: number): number {
    return index === 0 ? 0 : (this.#frameEnds[index - 1] ?? 0);
  }

  #rawEnd(index: number): number {
    return index === 0 ? 0 : (this.#rawEnds[index - 1] ?? 0);
  }
}

function doubled(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
