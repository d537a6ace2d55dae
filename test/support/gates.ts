import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** How a wait of a test ends when what it waits for never comes. */
export interface WaitOptions {
  signal?: AbortSignal;
}

/** Named points at which streams wait until a test lets them go. */
export class Gates {
  readonly #bell = new EventEmitter().setMaxListeners(0);
  readonly #arrivals = new Map<string, number>();
  readonly #open = new Set<string>();

  /** Opens a gate for good: those who wait there go on, and later ones do not stop. */
  release(name: string): void {
    this.#open.add(name);
    this.#bell.emit(`release ${name}`);
  }

  /** Resolves when streams have come to a gate `times` times since the start. */
  async reached(name: string, options: WaitOptions & { times?: number } = {}): Promise<void> {
    const { times = 1, signal = AbortSignal.timeout(60_000) } = options;
    try {
      while ((this.#arrivals.get(name) ?? 0) < times) {
        await once(this.#bell, `reached ${name}`, { signal });
      }
    } catch (cause) {
      const seen = [...this.#arrivals].map(([gate, count]) => `${gate} ${count}x`).join(", ");
      throw new Error(`No stream reached "${name}". Reached: ${seen || "none"}.`, { cause });
    }
  }

  /** Waits at a gate, calling `onWait` again and again meanwhile. */
  async pass(name: string, onWait: () => void, signal: AbortSignal): Promise<void> {
    this.#arrivals.set(name, (this.#arrivals.get(name) ?? 0) + 1);
    this.#bell.emit(`reached ${name}`);
    if (this.#open.has(name)) return;
    const waiting = new AbortController();
    const both = AbortSignal.any([signal, waiting.signal]);
    const opened = once(this.#bell, `release ${name}`, { signal: both });
    try {
      while (!this.#open.has(name)) {
        onWait();
        await Promise.race([opened, sleep(1000, undefined, { signal: both })]);
      }
    } finally {
      waiting.abort();
      await opened.catch(() => {});
    }
  }
}
