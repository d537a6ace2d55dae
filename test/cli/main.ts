import { execa } from "execa";
import { program } from "../support/program.ts";
import type { TemporaryHome } from "../support/sandbox.ts";

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
  const { exitCode, stdout, stderr } = await execa(program.file, [...program.args, ...args], {
    cwd: home.work,
    env: { ...home.env, ...env },
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    timeout: 60_000,
  });
  return { exitCode, stdout, stderr };
}
