import { readdir, readFile, readlink } from "node:fs/promises";
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
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => inspect(pid, entry)));
  return found.filter((process) => process !== undefined);
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

async function inspect(pid: number, entry: string): Promise<LivingProcess | undefined> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
  const environment = await read("environ");
  if (!environment.split("\0").includes(entry)) return undefined;
  const [stat, command, directory] = await Promise.all([
    read("stat"),
    read("cmdline"),
    readlink(`/proc/${pid}/cwd`).catch(() => ""),
  ]);
  // The name in parentheses may hold anything, so the fields begin after the last one.
  const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (stat === "" || state === "Z" || state === "X") return undefined;
  return {
    pid,
    parentPid: Number(parent),
    command: command.replaceAll("\0", " ").trim(),
    directory,
  };
}
