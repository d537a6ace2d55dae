import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { print } from "./output.ts";

/** What was typed before the question stood there is no answer to it. */
const DRAIN_MS = 50;

/**
 * A terminal on which text appears and questions are asked, one after the other. What is written
 * while one waits for its answer appears after it. Lines are read as the terminal gives them, so it
 * never has to be put back into another mode, and Ctrl-C is always a signal.
 */
export class Screen {
  #held: string | undefined;
  #asking: Promise<unknown> = Promise.resolve();

  async write(text: string): Promise<void> {
    if (this.#held === undefined) await print(text);
    else this.#held += text;
  }

  /**
   * Asks with a dialog that may read several lines. Undefined where the signal says that nobody
   * wants to know any more.
   */
  ask<T>(dialog: (reader: LineReader) => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const asked = this.#asking.then(() => this.#ask(dialog, signal));
    this.#asking = asked.catch(() => undefined);
    return asked;
  }

  /** Resolves when nothing is asked any more and everything is written. */
  async settled(): Promise<void> {
    await this.#asking;
  }

  async #ask<T>(
    dialog: (reader: LineReader) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    if (signal.aborted) return undefined;
    this.#held = "";
    try {
      return await dialog(new LineReader(signal));
    } catch (error) {
      if (!signal.aborted) throw error;
      await print("\n");
      return undefined;
    } finally {
      const held = this.#held;
      this.#held = undefined;
      await print(held);
    }
  }
}

/** Reads lines from the terminal. */
export class LineReader {
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Shows a text and reads a line; undefined at the end of the input (Ctrl-D). */
  async read(text: string): Promise<string | undefined> {
    const signal = this.#signal;
    process.stdin.resume();
    await sleep(DRAIN_MS, undefined, { signal });
    process.stdin.pause();
    await print(text);
    if (process.stdin.readableEnded) return undefined;
    const lines = createInterface({ input: process.stdin, terminal: false });
    const line = once(lines, "line", { signal }).then(([typed]) => String(typed));
    const end = once(lines, "close", { signal }).then(() => undefined);
    try {
      return await Promise.race([line, end]);
    } finally {
      // The other of the two may reject when nobody waits for it any more.
      void Promise.allSettled([line, end]);
      lines.close();
    }
  }
}
