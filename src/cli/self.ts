import type { Command } from "../io/parent-death.ts";

/**
 * How to start this very program again in another mode: the single-file executable by itself, the
 * scripts by the runtime that runs them now.
 */
export function selfCommand(args: string[]): Command {
  const [, script] = process.argv;
  // In an executable that Bun compiled the script lies in a virtual file system, at /$bunfs/ or B:/~BUN/.
  const compiled = script === undefined || /^(\/\$bunfs\/|[A-Z]:[/\\]~BUN[/\\])/.test(script);
  return { file: process.execPath, args: compiled ? args : [script, ...args] };
}
