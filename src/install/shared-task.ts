import { once } from "node:events";

/** Work that several callers wait for. It is given up when the last of them has gone. */
export class SharedTask<T> {
  readonly #result: Promise<T>;
  readonly #gaveUp = new AbortController();
  #waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    // Not before the constructor has returned, so that the work may look at who holds it.
    this.#result = Promise.resolve(this.#gaveUp.signal).then(work);
  }

  get isGivenUp(): boolean {
    return this.#gaveUp.signal.aborted;
  }

  /**
   * The result. A caller who leaves early, by its signal, leaves the others undisturbed; the last
   * one to leave waits until the work has cleaned up.
   */
  async join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting += 1;
    try {
      return await abortable(this.#result, signal);
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) await this.cancel(signal?.reason);
    }
  }

  /** Ends the work, if it is not over, and waits until it has cleaned up. */
  async cancel(reason: unknown): Promise<void> {
    this.#gaveUp.abort(reason);
    await this.settled();
  }

  /** Resolves when the work is over, in whichever way. */
  async settled(signal?: AbortSignal): Promise<void> {
    await abortable(Promise.allSettled([this.#result]), signal);
  }
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await promise;
  const done = new AbortController();
  try {
    return await Promise.race([promise, rejectOnAbort(signal, done.signal)]);
  } finally {
    done.abort();
  }
}

async function rejectOnAbort(signal: AbortSignal, done: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort", { signal: done });
  return await Promise.reject(signal.reason);
}
