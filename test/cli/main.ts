import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { TemporaryHome } from "../support/sandbox.ts";

/** The program. */
export const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** How a run of the program went. */
export interface Run {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs the program until it ends by itself. */
export async function runMain(
  home: TemporaryHome,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [MAIN, ...args], {
    cwd: home.work,
    env: { ...home.env, ...env },
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    timeout: 20_000,
  });
  return { exitCode, stdout, stderr };
}
