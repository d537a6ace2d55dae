import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProcessEntry } from "./process-table.ts";

const run = promisify(execFile);
const LINE = /^(\d+)\s+(\d+)\s+(\d+)\s+(\S)\S*\s+(.+)$/s;

/** Every process that `ps` shows us: for systems without /proc. Sessions are not told there. */
export async function listFromPs(): Promise<ProcessEntry[]> {
  const stdout = await ps("pid=,ppid=,pgid=,stat=,lstart=");
  return stdout.split("\n").flatMap((line) => {
    const [, pid, ppid, pgid, state, started] = LINE.exec(line.trim()) ?? [];
    if (state === undefined || started === undefined) return [];
    const startTime = String(Date.parse(started) / 1000);
    return [
      { pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), session: 0, state, startTime },
    ];
  });
}

/** A variable of each process's environment, by pid, as far as `ps -E` shows it. */
export async function listVariableFromPs(name: string): Promise<Map<number, string>> {
  const stdout = await ps("pid=,command=", "-E");
  const values = new Map<number, string>();
  for (const line of stdout.split("\n")) {
    const pid = /^\s*(\d+)\s/.exec(line)?.[1];
    const value = line.split(` ${name}=`)[1]?.split(" ")[0];
    if (pid !== undefined && value !== undefined) values.set(Number(pid), value);
  }
  return values;
}

async function ps(columns: string, ...options: string[]): Promise<string> {
  const { stdout } = await run("ps", ["-axww", ...options, "-o", columns], {
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}
