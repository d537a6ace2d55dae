import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "./error-code.ts";
import type { StderrWriter } from "./stderr-writer.ts";

const BUFFER_BYTES = 1024 * 1024;
/** Delay before the next write to a full pipe. */
const RETRY_MS = 100;
const NEWLINE = 10;

/** Called with the number of lines that were dropped, when stderr takes lines again. */
type OnRecovered = (dropped: number) => void;

/**
 * Lines on their way to stderr. A write neither throws nor blocks. Lines wait in a buffer of 1 MiB. Lines
 * beyond it and lines that the system refuses are dropped and counted.
 */
export class LogDestination {
  /** Lines that have been dropped so far. */
  dropped = 0;
  readonly #writer: StderrWriter;
  readonly #onRecovered: OnRecovered;
  #waiting: Buffer[] = [];
  /** Bytes of the lines that wait or are being written. */
  #bytes = 0;
  #isWriting = false;
  /** The rest of the lines that a full pipe did not take. */
  #stuck: Buffer | undefined;
  /** True if the last byte that was written is within a line. */
  #isCut = false;
  #unreported = 0;

  constructor(writer: StderrWriter, onRecovered: OnRecovered) {
    this.#writer = writer;
    this.#onRecovered = onRecovered;
  }

  /** Takes a whole line with its end. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#bytes + bytes.length > BUFFER_BYTES) {
      this.#drop(1);
      return;
    }
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (!this.#isWriting) void this.#writeAll();
  }

  /** Writes waiting lines at the end of the process, as far as the system takes them at once. */
  flush(): void {
    const { writeLast } = this.#writer;
    if (!writeLast) return;
    let bytes = Buffer.concat([...(this.#stuck ? [this.#stuck] : []), ...this.#waiting.splice(0)]);
    this.#stuck = undefined;
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeLast(bytes));
    } catch {
      // The process ends, so the error cannot be reported.
    }
  }

  /** Never rejects. */
  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    // One write for all lines of this turn of the event loop.
    await setImmediate();
    while (this.#waiting.length > 0) {
      const lines = joined(this.#waiting.splice(0));
      // An earlier line may have been cut: the next one then begins after a line break.
      const left = await this.#send(
        this.#isCut ? Buffer.concat([Buffer.from("\n"), lines]) : lines,
      );
      this.#bytes -= lines.length;
      this.#drop(countLines(left));
      if (left.length === 0) this.#reportDropped();
    }
    this.#isWriting = false;
  }

  /** Writes bytes, also to a slow pipe. Returns the bytes that the system refuses. */
  async #send(bytes: Buffer): Promise<Buffer> {
    let left = bytes;
    while (left.length > 0) {
      try {
        const written = await this.#writer.write(left);
        this.#isCut = left[written - 1] !== NEWLINE;
        left = left.subarray(written);
      } catch (cause) {
        if (!isFull(cause)) return left;
        this.#stuck = left;
        // A log that is not read keeps no process alive.
        await sleep(RETRY_MS, undefined, { ref: false });
        if (!this.#stuck) return Buffer.alloc(0);
        this.#stuck = undefined;
      }
    }
    return left;
  }

  #drop(lines: number): void {
    this.dropped += lines;
    this.#unreported += lines;
  }

  #reportDropped(): void {
    const dropped = this.#unreported;
    this.#unreported = 0;
    if (dropped > 0) this.#onRecovered(dropped);
  }
}

/** Returns true if a pipe is full. */
function isFull(cause: unknown): boolean {
  const code = errorCode(cause);
  return code === "EAGAIN" || code === "EINTR";
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  return first && pieces.length === 1 ? first : Buffer.concat(pieces);
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
