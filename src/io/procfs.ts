import { readFileSync, readdirSync } from "node:fs";
import type { ProcessEntry } from "./process-table.ts";

/** Every process that Linux shows us; read in one go, so that a walk sees one moment. */
export function listFromProcfs(): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const entry = readFromProcfs(Number(name));
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** One process of Linux; undefined when there is none of that number. */
export function readFromProcfs(pid: number): ProcessEntry | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the name in parentheses, which may itself hold spaces and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, ppid, pgid, session] = fields ?? [];
  const startTime = fields?.[19];
  if (state === undefined || startTime === undefined) return undefined;
  return {
    pid,
    ppid: Number(ppid),
    pgid: Number(pgid),
    session: Number(session),
    state,
    startTime,
  };
}

/** One variable of the environment that a process was started with, where we may read it. */
export function readVariableFromProcfs(pid: number, name: string): string | undefined {
  return variableIn(readEnvironmentFromProcfs(pid), name);
}

/** The environment that a process was started with, where we may read it. */
export function readEnvironmentFromProcfs(pid: number): string | undefined {
  return read(`/proc/${pid}/environ`);
}

/** A variable of an environment as the system shows it. */
export function variableIn(environment: string | undefined, name: string): string | undefined {
  if (environment === undefined) return undefined;
  const start = environment.startsWith(`${name}=`) ? 0 : environment.indexOf(`\0${name}=`) + 1;
  if (start === 0 && !environment.startsWith(`${name}=`)) return undefined;
  const end = environment.indexOf("\0", start);
  return environment.slice(start + name.length + 1, end === -1 ? undefined : end);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // Gone meanwhile, or another user's: both mean that there is nothing for us.
    return undefined;
  }
}
