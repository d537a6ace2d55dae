import { listFromProcfs, readFromProcfs, readVariableFromProcfs } from "./procfs.ts";
import { listFromPs, listVariableFromPs } from "./ps.ts";

/** What the system tells of one process. */
export interface ProcessEntry {
  pid: number;
  ppid: number;
  pgid: number;
  /** 0 where the system does not tell. */
  session: number;
  /** The system's letter; Z and X are dead. */
  state: string;
  /** With the pid it names a process for ever: a recycled pid has another. */
  startTime: string;
}

/**
 * Every process we can see, zombies included. Where the system tells nothing (Windows, no /proc, no
 * `ps`) none: a child can then be ended, but not what came of it.
 */
export async function listProcesses(): Promise<ProcessEntry[]> {
  try {
    if (process.platform === "linux") return listFromProcfs();
    return process.platform === "win32" ? [] : await listFromPs();
  } catch {
    return [];
  }
}

/** The process that has this pid now. */
export async function findProcess(pid: number): Promise<ProcessEntry | undefined> {
  if (process.platform === "linux") return readFromProcfs(pid);
  return (await listProcesses()).find((entry) => entry.pid === pid);
}

/** Whether it has ended; a zombie has, it only waits to be reaped. */
export function isDead(entry: ProcessEntry): boolean {
  return entry.state === "Z" || entry.state === "X";
}

/** Pids and values of the processes in whose environment this variable has a value that `accepts`. */
export async function findMarked(
  variable: string,
  accepts: (value: string) => boolean,
  table: readonly ProcessEntry[],
): Promise<Map<number, string>> {
  const marked = new Map<number, string>();
  const listed =
    process.platform === "linux" || table.length === 0
      ? undefined
      : await listVariableFromPs(variable);
  for (const { pid } of table) {
    const value = listed === undefined ? readVariableFromProcfs(pid, variable) : listed.get(pid);
    if (value !== undefined && accepts(value)) marked.set(pid, value);
  }
  return marked;
}

/** The children of a process, their children, and so on. */
export function descendants(pid: number, table: readonly ProcessEntry[]): ProcessEntry[] {
  const children = Map.groupBy(table, (entry) => entry.ppid);
  const found = new Set<ProcessEntry>();
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const child of children.get(next) ?? []) {
      if (found.has(child)) continue;
      found.add(child);
      open.push(child.pid);
    }
  }
  return [...found];
}

/** Signals exactly this process: not one that got its pid since. Tells whether it was still there. */
export async function signalProcess(entry: ProcessEntry, signal: NodeJS.Signals): Promise<boolean> {
  const now = await findProcess(entry.pid);
  if (now === undefined || now.startTime !== entry.startTime || isDead(now)) return false;
  try {
    return process.kill(entry.pid, signal);
  } catch {
    // Gone in this very moment, or another user's.
    return false;
  }
}
