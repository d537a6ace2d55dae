import { join } from "node:path";
import { shellQuote } from "../../src/io/shell-quote.ts";

/** How a program is started: its file, and the arguments that come before ours. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** The compiled executable that is tested here, where the run is one of what ships. */
const executable = process.env["TESTED_EXECUTABLE"];

/**
 * Whether what is tested runs on Bun, whose heap (1.4) grows to a multiple of what is in use before it
 * is collected. What it takes does not grow with what passes through it, but is more than on Node.
 */
export const onBun = executable !== undefined;

/** Arguments of Node that halve the CPU time in which a program written in TypeScript starts. */
export const compileCache: readonly string[] = [
  `--import=${join(import.meta.dirname, "compile-cache.mjs")}`,
];

/** The same for a program that starts others in turn, as a variable. */
export const compileCacheEnv = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, "../../.cache/compiled"),
};

/** What the tests start when they start `sandbox-agent`: this repository's source, or what ships. */
export const program: Program =
  executable === undefined
    ? {
        file: process.execPath,
        args: [...compileCache, join(import.meta.dirname, "../../src/main.ts")],
      }
    : { file: executable, args: [] };

/** A program with its arguments as a shell is told to run it. */
export function shellCommand({ file, args }: Program, ...more: readonly string[]): string {
  return [file, ...args, ...more].map(shellQuote).join(" ");
}
