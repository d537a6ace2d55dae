/** Random numbers that come again with the same seed. */
export class Random {
  readonly seed: number;
  #state: number;

  /** The seed is that of the variable `SEED`, or a new one. */
  constructor(seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 32))) {
    this.seed = seed;
    this.#state = seed;
  }

  /** From 0 up to 1. */
  next(): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A number from 0 up to `limit`. */
  below(limit: number): number {
    return this.next() * limit;
  }
}
