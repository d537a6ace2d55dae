import { setInterval } from "node:timers/promises";
import type { Libc } from "./libc.ts";
import { descendants, isDead, listProcesses, type ProcessEntry } from "./process-table.ts";
import { killAll } from "./process-tree.ts";

const PR_SET_DUMPABLE = 4;
const PR_SET_CHILD_SUBREAPER = 36;
const REAP_MS = 30_000;
const KILL_MS = 1_000;

/**
 * Denies other processes of the same user the memory, the environment and the open files of this
 * one. Returns true if the system did so. The kernel makes no exception for a debugger, and writes no core
 * dump. A process with CAP_SYS_PTRACE, such as every process of root, is not denied.
 */
export function makeUnreadable(libc: Libc | undefined): boolean {
  return libc?.prctl(PR_SET_DUMPABLE, 0) === 0;
}

/**
 * Adopts the orphans among this process's descendants. Without it they become children of init, and a
 * process that left its group and its environment behind could not be found any more.
 *
 * Disposing ends every process that was adopted, within a second. Dispose of it after all other owners
 * of processes: it ends whatever still descends from this process.
 */
export class Subreaper implements AsyncDisposable {
  readonly #libc: Libc;
  readonly #stop = new AbortController();
  readonly #reaping: Promise<void>;

  private constructor(libc: Libc, intervalMs: number) {
    this.#libc = libc;
    this.#reaping = this.#reapEvery(intervalMs);
  }

  /** Returns undefined if the system does not support it. */
  static start(libc: Libc | undefined, intervalMs: number = REAP_MS): Subreaper | undefined {
    if (libc?.prctl(PR_SET_CHILD_SUBREAPER, 1) !== 0) return undefined;
    return new Subreaper(libc, intervalMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reaping;
    await killAll(adopted, { timeoutMs: KILL_MS });
  }

  /**
   * Reaps zombies that two listings in a row contain. The runtime must reap its own children, because
   * it needs their exit codes. It does so within milliseconds.
   */
  async #reapEvery(intervalMs: number): Promise<void> {
    const { signal } = this.#stop;
    let seen = new Set<string>();
    try {
      for await (const _ of setInterval(intervalMs, undefined, { signal, ref: false })) {
        const zombies = (await listProcesses()).filter(isOwnZombie);
        for (const zombie of zombies) if (seen.has(keyOf(zombie))) this.#libc.reap(zombie.pid);
        seen = new Set(zombies.map(keyOf));
      }
    } catch {
      // Aborted: the only way in which the interval ends.
    }
  }
}

function isOwnZombie({ ppid, state }: ProcessEntry): boolean {
  return ppid === process.pid && state === "Z";
}

function keyOf({ pid, startTime }: ProcessEntry): string {
  return `${pid} ${startTime}`;
}

async function adopted(): Promise<ProcessEntry[]> {
  return descendants(process.pid, await listProcesses()).filter((entry) => !isDead(entry));
}
