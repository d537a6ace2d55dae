import { killOwned } from "../io/owner.ts";

/** The exit code of a program that ends at this signal. */
const CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * What a person means who presses Ctrl-C: the first time that the work shall stop in good order, the
 * second time that the program shall end at once.
 */
export class Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  #code: number | undefined;

  constructor() {
    const stop = new AbortController();
    this.signal = stop.signal;
    for (const [name, code] of Object.entries(CODES)) {
      process.on(name, () => {
        if (this.#code !== undefined) return void endNow(this.#code);
        this.#code = code;
        stop.abort(new Error("interrupted"));
      });
    }
  }

  /** The exit code of whatever was interrupted. */
  get exitCode(): number {
    return this.#code ?? 1;
  }

  /** Waits for work; undefined at the first signal, when nobody waits any more. */
  async cutShort<T>(work: Promise<T>): Promise<T | undefined> {
    const interrupted = Promise.withResolvers<undefined>();
    const stop = (): void => interrupted.resolve(undefined);
    this.signal.addEventListener("abort", stop);
    try {
      return await Promise.race([work, interrupted.promise]);
    } finally {
      this.signal.removeEventListener("abort", stop);
    }
  }
}

/** Waits for nobody; what an agent has started would outlive the agent. */
async function endNow(code: number): Promise<void> {
  await killOwned().finally(() => process.exit(code));
}
