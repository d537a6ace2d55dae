import { StringDecoder } from "node:string_decoder";
import { plainLine } from "./shown-text.ts";

/** What is kept of a child's stderr: its first and its last lines. */
export interface OutputExcerpt {
  head?: string;
  tail?: string;
  truncated: boolean;
  total_lines?: number;
}

const HEAD_LINES = 20;
const TAIL_LINES = 50;
const LINE_CHARACTERS = 500;
/** Enough for 500 characters of four bytes and for knowing that there was more. */
const LINE_BYTES = LINE_CHARACTERS * 4 + 4;
/** Ends a line of which there was more. */
const CUT = "...";
const NEWLINE = 10;

/** Bounded memory of an output: up to 70 lines all of them, of more the first 20 and the last 50. */
export class OutputTail {
  readonly #redact: (text: string) => string;
  readonly #head: string[] = [];
  /** A ring: the line with number n (from 0) after the head stands at n modulo its size. */
  readonly #tail: string[] = [];
  readonly #line = Buffer.alloc(LINE_BYTES);
  #lineBytes = 0;
  #lineOpen = false;
  #total = 0;

  /** `redact` takes out of a line what its readers are not to see. */
  constructor(redact: (text: string) => string = (text) => text) {
    this.#redact = redact;
  }

  /** Takes the next bytes of the output. */
  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline === -1) break;
      this.#append(chunk, start, newline);
      this.#add(this.#text());
      this.#lineBytes = 0;
      this.#lineOpen = false;
      start = newline + 1;
    }
    if (start < chunk.length) {
      this.#append(chunk, start, chunk.length);
      this.#lineOpen = true;
    }
  }

  /** All that is kept, in order; an unfinished last line included. */
  lines(): { head: string[]; tail: string[]; total: number } {
    const newest = (this.#total - this.#head.length) % TAIL_LINES;
    const full = this.#tail.length === TAIL_LINES;
    const tail = full
      ? [...this.#tail.slice(newest), ...this.#tail.slice(0, newest)]
      : [...this.#tail];
    const head = this.#head.map((line) => this.#shown(line));
    const shown = tail.map((line) => this.#shown(line));
    if (!this.#lineOpen) return { head, tail: shown, total: this.#total };
    return {
      head,
      tail: [...(full ? shown.slice(1) : shown), this.#shown(this.#text())],
      total: this.#total + 1,
    };
  }

  toJSON(): OutputExcerpt {
    const { head, tail, total } = this.lines();
    if (total === 0) return { truncated: false };
    if (total <= HEAD_LINES + TAIL_LINES) {
      return { head: [...head, ...tail].join("\n"), truncated: false, total_lines: total };
    }
    return { head: head.join("\n"), tail: tail.join("\n"), truncated: true, total_lines: total };
  }

  #append(chunk: Buffer, start: number, end: number): void {
    if (this.#lineBytes < LINE_BYTES) {
      this.#lineBytes += chunk.copy(this.#line, this.#lineBytes, start, end);
    }
  }

  #text(): string {
    const bytes = this.#line.subarray(0, this.#lineBytes);
    // At the cut the decoder keeps back a split character; elsewhere bad bytes become U+FFFD.
    const text =
      bytes.length === LINE_BYTES ? new StringDecoder("utf8").write(bytes) : bytes.toString("utf8");
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    if (line.length <= LINE_CHARACTERS) return line;
    // Not between the two halves of a surrogate pair.
    const cut = /[\uD800-\uDBFF]/.test(line.charAt(LINE_CHARACTERS - 1))
      ? LINE_CHARACTERS - 1
      : LINE_CHARACTERS;
    return `${line.slice(0, cut)}${CUT}`;
  }

  /** A line as it may be seen; what was cut ends where it was. */
  #shown(line: string): string {
    if (line.length <= LINE_CHARACTERS) return this.#redact(plainLine(line));
    return `${this.#redact(plainLine(line.slice(0, -CUT.length)))}${CUT}`;
  }

  #add(line: string): void {
    if (this.#head.length < HEAD_LINES) this.#head.push(line);
    else this.#tail[(this.#total - HEAD_LINES) % TAIL_LINES] = line;
    this.#total += 1;
  }
}
