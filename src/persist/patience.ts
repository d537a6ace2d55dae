const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** A connection that was there for so long did not fail at once, though it may have said nothing. */
const HELD_MS = 5_000;

/** How long to wait after a failure, and when to give up. */
export class Patience {
  readonly #giveUpAfterMs: number;
  #pauses = 0;
  #failingSince: number | undefined;

  constructor(giveUpAfterMs: number) {
    this.#giveUpAfterMs = giveUpAfterMs;
  }

  /** Something got on: the next failure is a first one. */
  restore(): void {
    this.#pauses = 0;
    this.#failingSince = undefined;
  }

  /** The same for a connection, if it was there for a while. */
  restoreAfter(connectedMs: number): void {
    if (connectedMs > HELD_MS) this.restore();
  }

  /** The milliseconds to wait before the next attempt; undefined: it has been enough. */
  pauseMs(): number | undefined {
    this.#failingSince ??= performance.now();
    if (performance.now() - this.#failingSince > this.#giveUpAfterMs) return undefined;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#pauses++);
    return pause * (0.5 + Math.random() / 2);
  }
}
