import { setTimeout as sleep } from "node:timers/promises";

/** A shorter line needs no claim. */
const LARGE_BYTES = 2 ** 20;
/** The number of large lines that are collected at the same time, over all children. */
const MAX_CLAIMS = 3;
/** Lines that do not get longer must not block the lines of other children forever. */
const PATIENCE_MS = 5000;
/** Nor must lines that get longer slowly: the number of patiences after which a child is read on. */
const MAX_PATIENCES = 12;

/**
 * Bounds the memory of incomplete lines over all children: beyond 1 MiB a line needs a claim, and
 * without a free claim the child is not read.
 */
export class LargeLines {
  readonly #patienceMs: number;
  #claims = 0;
  /** Time at which a line with a claim was longer than before. */
  #progressedAt = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /** Resolves when there is a free claim, or after a while without one. */
  async take(): Promise<void> {
    if (this.#claims >= MAX_CLAIMS) await this.#untilFree();
    this.#claims += 1;
    this.progress();
  }

  /** Called when a line with a claim has become longer. */
  progress(): void {
    this.#progressedAt = performance.now();
  }

  async #untilFree(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const free = promise.then(() => true);
    for (let waits = 0; waits < MAX_PATIENCES; waits++) {
      const late = new AbortController();
      const patience = sleep(this.#patienceMs, false, { signal: late.signal, ref: false });
      const isFree = await Promise.race([free, patience.catch(() => false)]);
      late.abort();
      const isStuck = performance.now() - this.#progressedAt >= this.#patienceMs;
      if (isFree || isStuck) break;
    }
    const index = this.#waiting.indexOf(resolve);
    if (index !== -1) this.#waiting.splice(index, 1);
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
    if (this.#isHeld) {
      this.#lines.progress();
      return undefined;
    }
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
