import { setTimeout as sleep } from "node:timers/promises";

/** A shorter line needs no claim. */
const LARGE_BYTES = 2 ** 20;
/** The number of large lines that are collected at the same time, over all children. */
const MAX_CLAIMS = 3;
/** A line that does not get longer must not block the lines of other children forever. */
const PATIENCE_MS = 5000;

/**
 * Bounds the memory of incomplete lines over all children: beyond 1 MiB a line needs a claim, and
 * without a free claim the child is not read.
 */
export class LargeLines {
  readonly #patienceMs: number;
  #claims = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /** Resolves when there is a free claim, or after a while without one. */
  async take(): Promise<void> {
    if (this.#claims >= MAX_CLAIMS) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      const late = new AbortController();
      const patience = sleep(this.#patienceMs, undefined, { signal: late.signal, ref: false });
      await Promise.race([promise, patience.catch(() => undefined)]);
      late.abort();
      const index = this.#waiting.indexOf(resolve);
      if (index !== -1) this.#waiting.splice(index, 1);
    }
    this.#claims += 1;
  }

  giveBack(): void {
    this.#claims -= 1;
    if (this.#claims < MAX_CLAIMS) this.#waiting.shift()?.();
  }
}

/** The claim of one child. */
export class LineClaim {
  readonly #lines: LargeLines;
  #isHeld = false;
  #taking: Promise<void> | undefined;
  #isClosed = false;

  constructor(lines: LargeLines) {
    this.#lines = lines;
  }

  /** Resolves when the child may be read on; undefined when it may be read at once. */
  update(carriedBytes: number): Promise<void> | undefined {
    if (carriedBytes < LARGE_BYTES) {
      this.release();
      return undefined;
    }
    if (this.#isHeld) return undefined;
    this.#taking ??= this.#take();
    return this.#taking;
  }

  /** Resolves when no claim is being waited for. */
  get settled(): Promise<void> | undefined {
    return this.#taking;
  }

  release(): void {
    if (this.#isHeld) this.#lines.giveBack();
    this.#isHeld = false;
  }

  /** Releases the claim for good, also one that is still being waited for. */
  close(): void {
    this.#isClosed = true;
    this.release();
  }

  async #take(): Promise<void> {
    await this.#lines.take();
    this.#isHeld = true;
    this.#taking = undefined;
    if (this.#isClosed) this.release();
  }
}

/** The incomplete lines of all children of this process. */
export const largeLines = new LargeLines();
