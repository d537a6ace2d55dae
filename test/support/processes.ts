import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that is alive, that is, neither gone nor a zombie. */
export interface LivingProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly command: string;
  /** Its working directory. */
  readonly directory: string;
}

/** Finds the living processes whose environment holds an entry, such as `HOME=/tmp/x`. */
export async function processesWith(entry: string): Promise<LivingProcess[]> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => inspect(Number(pid), entry) ?? []);
}

/** What a process has written so far, to whatever it may be, in bytes. */
export async function writtenBytes({ pid }: LivingProcess): Promise<number> {
  const counters = await readFile(`/proc/${pid}/io`, "utf8");
  return Number(/^wchar: (\d+)$/m.exec(counters)?.[1]);
}

/** Waits until no process of a home is left, and fails naming those that are. */
export async function expectNoProcesses(
  homeDir: string,
  { withinMs = 60_000 }: { withinMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const living = await processesWith(`HOME=${homeDir}`);
    if (living.length === 0) return;
    if (performance.now() >= deadline) {
      const list = living.map(
        ({ pid, parentPid, command }) => `${pid} <- ${parentPid}: ${command}`,
      );
      throw new Error(`Still alive after ${withinMs} ms in ${homeDir}:\n${list.join("\n")}`);
    }
    await sleep(50);
  }
}

// Synchronous: tests that poll read some hundred small files each time, which costs a multiple in threads.
function inspect(pid: number, entry: string): LivingProcess | undefined {
  const environment = read(pid, "environ");
  if (!environment.split("\0").includes(entry)) return undefined;
  const stat = read(pid, "stat");
  // The name in parentheses may hold anything, so the fields begin after the last one.
  const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (stat === "" || state === "Z" || state === "X") return undefined;
  return {
    pid,
    parentPid: Number(parent),
    command: read(pid, "cmdline").replaceAll("\0", " ").trim(),
    directory: orEmpty(() => readlinkSync(`/proc/${pid}/cwd`)),
  };
}

/** Returns an empty text where the process has ended. */
function read(pid: number, file: string): string {
  return orEmpty(() => readFileSync(`/proc/${pid}/${file}`, "utf8"));
}

function orEmpty(get: () => string): string {
  try {
    return get();
  } catch {
    return "";
  }
}
