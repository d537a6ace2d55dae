import { clearInterval, setInterval } from "node:timers";

const CHECK_MS = 5000;
/** A reader that holds much memory is closed when it accepts nothing for this time. */
const PATIENCE_MS = 60_000;
/** A reader that holds no more than this stays open, however slow it is. */
const MAX_HELD_BYTES = 2 ** 20;

/** The client of one answer that is written piece by piece. */
export interface Reader {
  /** Changes with every write that the client's connection has accepted. */
  readonly accepted: number;
  /** True while a write has not been accepted. */
  readonly isBehind: boolean;
  /** Bytes that are kept in memory only for this reader. */
  readonly heldBytes: number;
  /** Closes the connection. */
  cut(): void;
}

/**
 * The clients that are reading answers. A single interval closes every client that holds memory
 * and accepts nothing. Time is counted in checks, so the time of a suspended machine does not count.
 */
export class Readers {
  readonly #reading = new Map<Reader, { accepted: number; checks: number }>();
  #interval: NodeJS.Timeout | undefined;

  /** Watches a reader until `remove`. */
  add(reader: Reader): void {
    this.#reading.set(reader, { accepted: reader.accepted, checks: 0 });
    this.#interval ??= setInterval(() => this.check(), CHECK_MS).unref();
  }

  remove(reader: Reader): void {
    this.#reading.delete(reader);
  }

  /** Closes the readers that have accepted nothing for too long. Called at a fixed interval. */
  check(): void {
    // `remove` does not stop the interval, because each short answer would then start another one.
    if (this.#reading.size === 0) {
      clearInterval(this.#interval);
      this.#interval = undefined;
    }
    for (const [reader, seen] of this.#reading) {
      if (!reader.isBehind || reader.accepted !== seen.accepted) {
        seen.accepted = reader.accepted;
        seen.checks = 0;
        continue;
      }
      seen.checks += 1;
      if (seen.checks * CHECK_MS >= PATIENCE_MS && reader.heldBytes > MAX_HELD_BYTES) reader.cut();
    }
  }
}
