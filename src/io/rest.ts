import { setTimeout as sleep } from "node:timers/promises";

/** What a timer of the runtime can wait. */
const MAX_MS = 2 ** 31 - 1;

/** Does something after a while in which nobody has called it off. */
export class Rest {
  #waiting: AbortController | undefined;

  /** Calls `work` after `ms`, instead of what was to be done before; `work` must not reject. */
  begin(ms: number, work: () => Promise<void>): void {
    this.end();
    const waiting = new AbortController();
    this.#waiting = waiting;
    const options = { ref: false, signal: waiting.signal };
    void sleep(Math.min(Math.max(ms, 0), MAX_MS), true, options)
      .catch(() => false)
      .then((over) => (over ? work() : undefined));
  }

  /** Calls it off. */
  end(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
  }
}
