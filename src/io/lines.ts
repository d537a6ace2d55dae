import { isUtf8 } from "node:buffer";
import { StringDecoder } from "node:string_decoder";

/** A line that was dropped because it is longer than the limit; `head` is how it began. */
export interface OverlongLine {
  kind: "overlong";
  bytes: number;
  head: string;
}

/** A line that is no UTF-8; in `text` each bad sequence is U+FFFD. */
export interface InvalidLine {
  kind: "invalid-utf8";
  text: string;
}

/** One line without its end; the rare cases are objects so that the common one costs nothing. */
export type Line = string | OverlongLine | InvalidLine;

const DEFAULT_LIMIT = 32 * 1024 * 1024;
const HEAD_BYTES = 1024;
/** A larger buffer is given back after the line that needed it. */
const KEPT_BYTES = 1024 * 1024;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** Splits a byte stream into lines; holds at most the limit (while growing, one and a half times it). */
export class LineSplitter {
  readonly #limit: number;
  /** In memory of its own, which is moved and given back: Bun (1.4) collects what is left late. */
  #carry = Buffer.from(new ArrayBuffer(0));
  #carried = 0;
  #overlong: OverlongLine | undefined;

  constructor(options: { limitBytes?: number } = {}) {
    this.#limit = options.limitBytes ?? DEFAULT_LIMIT;
  }

  /** Bytes of the incomplete line. */
  get carriedBytes(): number {
    return this.#carried;
  }

  /** The lines this chunk completes, in order. */
  push(chunk: Buffer): Line[] {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last === -1) {
      this.#keep(chunk);
      return [];
    }
    const lines: Line[] = [];
    let start = 0;
    if (this.#carried > 0 || this.#overlong !== undefined) {
      start = chunk.indexOf(NEWLINE) + 1;
      this.#keep(chunk.subarray(0, start - 1));
      lines.push(this.#take());
    }
    if (start <= last) this.#split(chunk.subarray(start, last), lines);
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1));
    return lines;
  }

  /** The last line, where the stream ended without a newline. */
  end(): Line[] {
    return this.#carried > 0 || this.#overlong !== undefined ? [this.#take()] : [];
  }

  /** `block` is whole lines without the last newline. */
  #split(block: Buffer, lines: Line[]): void {
    if (block.length <= this.#limit && isUtf8(block)) {
      // One decode and one split for the whole block: three times as fast as line by line.
      for (const line of block.toString("utf8").split("\n")) {
        lines.push(line.endsWith("\r") ? line.slice(0, -1) : line);
      }
      return;
    }
    let start = 0;
    while (start <= block.length) {
      const newline = block.indexOf(NEWLINE, start);
      const end = newline === -1 ? block.length : newline;
      lines.push(this.#decode(block.subarray(start, end)));
      start = end + 1;
    }
  }

  #decode(bytes: Buffer): Line {
    if (bytes.length > this.#limit) {
      return { kind: "overlong", bytes: bytes.length, head: headOf(bytes) };
    }
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    const text = bytes.toString("utf8", 0, end);
    return isUtf8(bytes) ? text : { kind: "invalid-utf8", text };
  }

  #keep(bytes: Buffer): void {
    if (this.#overlong !== undefined) {
      this.#overlong.bytes += bytes.length;
      return;
    }
    const needed = this.#carried + bytes.length;
    if (needed > this.#limit) {
      const kept = this.#carry.subarray(0, Math.min(this.#carried, HEAD_BYTES));
      const head = Buffer.concat([kept, bytes.subarray(0, HEAD_BYTES)]);
      this.#overlong = { kind: "overlong", bytes: needed, head: headOf(head) };
      this.#forget();
      return;
    }
    if (needed > this.#carry.length) {
      // Doubling, so that a huge line in small chunks costs linear time.
      const size = Math.min(this.#limit, Math.max(needed, this.#carry.length * 2, 4096));
      this.#carry = Buffer.from(this.#carry.buffer.transfer(size));
    }
    bytes.copy(this.#carry, this.#carried);
    this.#carried = needed;
  }

  #take(): Line {
    const overlong = this.#overlong;
    this.#overlong = undefined;
    const line = overlong ?? this.#decode(this.#carry.subarray(0, this.#carried));
    this.#forget();
    return line;
  }

  #forget(): void {
    this.#carried = 0;
    if (this.#carry.length > KEPT_BYTES) this.#carry = Buffer.from(this.#carry.buffer.transfer(0));
  }
}

function headOf(bytes: Buffer): string {
  // StringDecoder keeps back a character that the cut would split.
  return new StringDecoder("utf8").write(bytes.subarray(0, HEAD_BYTES));
}
