import { clearTimeout, setTimeout } from "node:timers";

/** Why a wait for the bell came to its end. */
export type Awakening = "rung" | "timeout" | "aborted";

/** Wakes everyone who waits for "there is something new": no queue, no payload, no memory of rings. */
export class Bell {
  #waiters = new Set<() => void>();

  /** How many are waiting. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Wakes all who wait now, each once, in the microtasks that follow. */
  ring(): void {
    if (this.#waiters.size === 0) return;
    const woken = this.#waiters;
    this.#waiters = new Set();
    for (const wake of woken) wake();
  }

  /** Resolves at the next ring, at the end of the time, or when the signal aborts; never rejects. */
  wait(options: { signal?: AbortSignal; timeoutMs?: number } = {}): Promise<Awakening> {
    const { signal, timeoutMs } = options;
    if (signal?.aborted === true) return Promise.resolve("aborted");
    return new Promise((resolve) => {
      const end = (awakening: Awakening): void => {
        this.#waiters.delete(wake);
        signal?.removeEventListener("abort", abort);
        clearTimeout(timer);
        resolve(awakening);
      };
      const wake = (): void => end("rung");
      const abort = (): void => end("aborted");
      const timer =
        timeoutMs === undefined ? undefined : setTimeout(() => end("timeout"), timeoutMs).unref();
      this.#waiters.add(wake);
      signal?.addEventListener("abort", abort);
    });
  }
}
