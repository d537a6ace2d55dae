import { setTimeout as sleep } from "node:timers/promises";
import {
  findMarked,
  findProcess,
  isDead,
  listProcesses,
  signalProcess,
  type ProcessEntry,
} from "./process-table.ts";

const POLL_MS = [2, 5, 10, 20, 50];

/** Names the processes of a tree by something that stands in their environment. */
export interface TreeMarker {
  variable: string;
  accepts: (value: string) => boolean;
}

/**
 * Everything that came of one process: its descendants, its group, the sessions these opened, and
 * whatever carries the marker. It remembers whom it saw, so a process that is re-parented to init
 * after one look still belongs to it.
 */
export class ProcessTree {
  #root: number | undefined;
  readonly #marker: TreeMarker | undefined;
  readonly #known = new Map<number, ProcessEntry>();

  constructor(root?: number, marker?: TreeMarker) {
    this.#root = root;
    this.#marker = marker;
  }

  /** Looks at all processes of the system; gives those of the tree that are alive. */
  async refresh(): Promise<ProcessEntry[]> {
    const root = this.#root;
    const table = await listProcesses();
    const marked =
      this.#marker === undefined
        ? undefined
        : await findMarked(this.#marker.variable, this.#marker.accepts, table);
    const seeds = table.filter(
      (entry) =>
        entry.pid === root ||
        // The root itself may be reaped already; its number then lives on as group and session.
        (root !== undefined && (entry.pgid === root || entry.session === root)) ||
        this.#known.get(entry.pid)?.startTime === entry.startTime ||
        marked?.has(entry.pid) === true,
    );
    const members = closure(seeds, table);
    for (const entry of members) this.#known.set(entry.pid, entry);
    return members.filter((entry) => !isDead(entry));
  }

  /** Of those seen before, the ones still alive: cheap, for waiting. */
  async living(): Promise<ProcessEntry[]> {
    const alive: ProcessEntry[] = [];
    for (const known of this.#known.values()) {
      const now = await findProcess(known.pid);
      if (now?.startTime === known.startTime && !isDead(now)) alive.push(now);
    }
    return alive;
  }

  /** The root has been reaped: from now on its number may be another's. */
  releaseRoot(): void {
    this.#root = undefined;
  }
}

/** Kills what `find` finds until it finds nothing or the time is over; gives those that survived. */
export async function killAll(
  find: () => Promise<ProcessEntry[]>,
  options: { timeoutMs: number; killed?: (entry: ProcessEntry) => void },
): Promise<ProcessEntry[]> {
  const alive = async (): Promise<ProcessEntry[]> => {
    const entries = await find();
    // Every round anew: a process may have forked between the look and the kill.
    for (const entry of entries) {
      if (await signalProcess(entry, "SIGKILL")) options.killed?.(entry);
    }
    return entries;
  };
  return waitUntilNone(alive, options.timeoutMs);
}

/** Asks until nobody is found or the time is over; gives those found last. */
export async function waitUntilNone<Found>(
  find: () => Promise<Found[]>,
  timeoutMs: number,
): Promise<Found[]> {
  const deadline = performance.now() + timeoutMs;
  for (let round = 0; ; round++) {
    const found = await find();
    const left = deadline - performance.now();
    if (found.length === 0 || left <= 0) return found;
    await sleep(Math.min(left, POLL_MS[round] ?? 50));
  }
}

/** A group or session is the tree's while a member is in it: its number cannot be recycled then. */
function closure(seeds: readonly ProcessEntry[], table: readonly ProcessEntry[]): ProcessEntry[] {
  const self = table.find((entry) => entry.pid === process.pid);
  const foreign = new Set([0, self?.session]);
  const foreignGroups = new Set([0, self?.pgid]);
  const byParent = Map.groupBy(table, (entry) => entry.ppid);
  const byGroup = Map.groupBy(table, (entry) => entry.pgid);
  const bySession = Map.groupBy(table, (entry) => entry.session);
  const members = new Set<ProcessEntry>();
  const open = [...seeds];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (members.has(next) || next === self) continue;
    members.add(next);
    open.push(...(byParent.get(next.pid) ?? []));
    if (!foreignGroups.has(next.pgid)) open.push(...(byGroup.get(next.pgid) ?? []));
    if (!foreign.has(next.session)) open.push(...(bySession.get(next.session) ?? []));
  }
  return [...members];
}
