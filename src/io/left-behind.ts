import { readFileSync, readlinkSync } from "node:fs";
import { descendants, type ProcessEntry } from "./process-table.ts";
import { readEnvironmentFromProcfs, variableIn } from "./procfs.ts";

/** A process that went on when the command that had started it was over. */
export interface LeftBehind {
  pid: number;
  /** Its command line; the empty text where the system does not show it. */
  command: string;
  /** Its working directory; undefined where the system does not show it. */
  directory: string | undefined;
  /** The environment as the system shows it, read while the process lived. */
  environment: string | undefined;
}

/**
 * The processes of a tree that no longer descend from its root, the program that was started. The
 * helpers of that program, such as MCP and language servers, are its children and share its session.
 * A command has a session or a group of its own, and what it leaves behind is re-parented. Observed in
 * Claude Code 2.1.332, Codex 0.171.0, OpenCode 1.18.33 and Amp 0.0.1790142911.
 */
export function orphansOf(root: number, members: readonly ProcessEntry[]): ProcessEntry[] {
  const kept = new Set(descendants(root, members).map(({ pid }) => pid));
  return members.filter((entry) => {
    if (entry.pid === root || kept.has(entry.pid)) return false;
    // Without its parent a helper is an orphan too, until it notices.
    return (entry.session === 0 ? entry.pgid : entry.session) !== root;
  });
}

/** Reads the properties of a running process. */
export function describeProcess({ pid }: ProcessEntry): LeftBehind {
  const command = orUndefined(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "";
  return {
    pid,
    command: command.replaceAll("\0", " ").trim(),
    directory: orUndefined(() => readlinkSync(`/proc/${pid}/cwd`)),
    environment: process.platform === "linux" ? readEnvironmentFromProcfs(pid) : undefined,
  };
}

/** A variable of the environment that a process was started with, where the system shows it. */
export function variableOf({ environment }: LeftBehind, name: string): string | undefined {
  return variableIn(environment, name);
}

function orUndefined(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
