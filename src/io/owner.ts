import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { promisify } from "node:util";
import {
  descendants,
  findMarked,
  findProcess,
  isDead,
  listProcesses,
  type ProcessEntry,
} from "./process-table.ts";
import { killAll } from "./process-tree.ts";

/** The environment variable that names a process's daemon; agents pass it on to what they start. */
export const OWNER_VARIABLE = "SBXA_OWNER";

const MARKER = /^(\d+):(\d+):([^:]+):[^:]+$/;
const SWEEP_TIMEOUT_MS = 3000;
const KILL_TIMEOUT_MS = 1000;
const run = promisify(execFile);

/** What all markers of this process begin with: `<pid>:<start time>:<boot>`. */
export async function ownerPrefix(): Promise<string> {
  const self = await findProcess(process.pid);
  return `${process.pid}:${self?.startTime ?? "0"}:${await currentBoot()}`;
}

/** The value of the variable for one start of one child; never the same twice. */
export async function ownerMarker(childId: string): Promise<string> {
  const label = childId.replaceAll(/[^\w.-]/g, "_");
  return `${await ownerPrefix()}:${label}.${randomBytes(4).toString("hex")}`;
}

/** Whether the daemon that a marker names still runs; true where that is not ours to tell. */
export async function isOwnerAlive(marker: string): Promise<boolean> {
  const [, pid, startTime, boot] = MARKER.exec(marker) ?? [];
  if (pid === undefined || boot === undefined) return true;
  const [bootId, namespace] = boot.split("@");
  const [ourBootId, ourNamespace] = (await currentBoot()).split("@");
  if (bootId !== ourBootId) return false;
  // A pid of another container says nothing here.
  if (namespace !== ourNamespace) return true;
  const owner = await findProcess(Number(pid));
  return owner !== undefined && owner.startTime === startTime && !isDead(owner);
}

/** Kills what dead daemons left behind and gives the pids; a living daemon's processes are not touched. */
export async function sweepOrphans(options: { variable?: string } = {}): Promise<number[]> {
  const ended = new Set<number>();
  await killAll(() => findOrphans(options.variable ?? OWNER_VARIABLE), {
    timeoutMs: SWEEP_TIMEOUT_MS,
    killed: (entry) => ended.add(entry.pid),
  });
  return [...ended];
}

/** Kills at once whatever carries a marker of this process. */
export async function killOwned(): Promise<void> {
  const prefix = `${await ownerPrefix()}:`;
  const owned = async (): Promise<ProcessEntry[]> => {
    const table = await listProcesses();
    const marked = await findMarked(OWNER_VARIABLE, (value) => value.startsWith(prefix), table);
    return table.filter((entry) => marked.has(entry.pid) && !isDead(entry));
  };
  await killAll(owned, { timeoutMs: KILL_TIMEOUT_MS });
}

async function findOrphans(variable: string): Promise<ProcessEntry[]> {
  const table = await listProcesses();
  const byPid = new Map(table.map((entry) => [entry.pid, entry]));
  const markers = await findMarked(variable, () => true, table);
  const alive = new Map<string, boolean>();
  for (const marker of markers.values()) {
    if (!alive.has(marker)) alive.set(marker, await isOwnerAlive(marker));
  }
  const withDescendants = (pid: number): number[] => [
    pid,
    ...descendants(pid, table).map((entry) => entry.pid),
  ];
  // A daemon that was itself started by an agent carries that agent's marker.
  const spared = new Set([...ancestors(process.pid, byPid), ...withDescendants(process.pid)]);
  const orphans = new Set<number>();
  for (const [pid, marker] of markers) {
    if (alive.get(marker) === true) {
      for (const each of withDescendants(pid)) spared.add(each);
      if (MARKER.test(marker)) spared.add(Number(marker.split(":")[0]));
    } else {
      for (const each of withDescendants(pid)) orphans.add(each);
    }
  }
  return table.filter(
    (entry) => orphans.has(entry.pid) && !spared.has(entry.pid) && !isDead(entry),
  );
}

function ancestors(pid: number, byPid: ReadonlyMap<number, ProcessEntry>): number[] {
  const found: number[] = [];
  let parent = byPid.get(pid)?.ppid;
  while (parent !== undefined && !found.includes(parent)) {
    found.push(parent);
    parent = byPid.get(parent)?.ppid;
  }
  return found;
}

/** This boot of the machine, and on Linux the container in which our pids are counted. */
async function currentBoot(): Promise<string> {
  if (process.platform === "linux") {
    const boot = orUnknown(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1"));
    const namespace = orUnknown(() => readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, ""));
    return `${boot}@${namespace}`;
  }
  if (process.platform === "darwin") {
    const { stdout } = await run("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], { env: {} });
    return `${stdout.trim()}@0`;
  }
  return "unknown@0";
}

function orUnknown(read: () => string): string {
  try {
    return read().trim();
  } catch {
    // Some sandboxes show only a part of /proc; pid and start time still tell daemons apart.
    return "unknown";
  }
}
