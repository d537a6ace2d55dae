import { clearTimeout, setTimeout } from "node:timers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const MiB = 2 ** 20;
/** Size in bytes from which the copies of agents' messages are collected early. */
export const LARGE_MESSAGE = 8192;
/** Bytes between two comparisons of the resident memory with the accounted memory. */
const STEP_BYTES = 4 * MiB;
/** Unaccounted memory above which garbage is collected. */
const SLACK_BYTES = 40 * MiB;
/** After a rest of this length the garbage of a burst is collected. */
const REST_MS = 2000;

/** The garbage collector of a runtime. */
export interface Runtime {
  /** Collects all garbage and returns memory to the system. */
  collect(): void;
  residentBytes(): number;
}

/**
 * Collects the garbage of large messages before it takes much memory. Both runtimes wait until the
 * heap is several times as large as the live data. With many messages of 8 MiB that exceeds 1 GiB.
 */
export class Garbage {
  readonly #runtime: Runtime;
  readonly #restMs: number;
  #accounted: (() => number) | undefined;
  /** Unaccounted memory after the last collection. */
  #base = 0;
  #passed = 0;
  #isScheduled = false;
  #rest: NodeJS.Timeout | undefined;

  constructor(runtime: Runtime = thisRuntime, restMs = REST_MS) {
    this.#runtime = runtime;
    this.#restMs = restMs;
  }

  /** Begins to collect. `accounted` returns the bytes that are kept on purpose. */
  watch(accounted: () => number): void {
    this.#accounted = accounted;
    this.#base = this.#excess();
  }

  /** Counts bytes of messages that have been handled, and whose copies are garbage now. */
  passed(bytes: number): void {
    this.#passed += bytes;
    if (this.#passed < STEP_BYTES || !this.#accounted) return;
    // Many messages may be handled before the event loop gets to the next check.
    if (this.#isScheduled) return this.#check();
    this.#passed = 0;
    this.#isScheduled = true;
    // The caller still refers to the last message.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#check();
      clearTimeout(this.#rest);
      this.#rest = setTimeout(() => this.#collect(), this.#restMs).unref();
    });
  }

  #check(): void {
    this.#passed = 0;
    if (this.#excess() > this.#base + SLACK_BYTES) this.#collect();
  }

  #collect(): void {
    this.#runtime.collect();
    // Memory that is in use for another reason must not cause a collection again and again.
    this.#base = Math.max(this.#excess(), 0);
  }

  #excess(): number {
    return this.#runtime.residentBytes() - (this.#accounted?.() ?? 0);
  }
}

interface BunRuntime {
  gc(force: boolean): void;
  shrink(): void;
}

let collectInNode: (() => void) | undefined;

/** The runtime of this process. */
export const thisRuntime: Runtime = {
  collect() {
    const bun = (globalThis as typeof globalThis & { Bun?: BunRuntime }).Bun;
    if (bun) {
      bun.gc(true);
      bun.shrink();
      return;
    }
    collectInNode ??= exposedCollector();
    collectInNode();
  },
  residentBytes: () => process.memoryUsage.rss(),
};

/** V8 gives its collector to a context that is created after the flag was set. */
function exposedCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  return typeof collect === "function"
    ? () => void collect({ type: "major", execution: "sync", flavor: "last-resort" })
    : () => undefined;
}

/** The garbage of this process. */
export const garbage = new Garbage();
