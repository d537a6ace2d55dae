import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { OpenOptions } from "../agent.ts";
import { canExecuteIn } from "../../io/program-file.ts";

const NAME = ".runtime";

type Options = Pick<OpenOptions, "installDir" | "childGroup">;

/**
 * The environment with a folder from which Amp's runtime can load its libraries. It writes them into
 * the folder of temporary files, and Amp exits at once if that folder is mounted with noexec
 * (0.0.1790142911). Another user could not write into a folder of ours.
 */
export async function withRuntimeFolder(
  env: Record<string, string>,
  { installDir, childGroup }: Options,
): Promise<Record<string, string>> {
  if (env["BUN_TMPDIR"] !== undefined || installDir === undefined || childGroup !== undefined) {
    return env;
  }
  if (await canExecuteIn(env["TMPDIR"] ?? "/tmp")) return env;
  const folder = join(installDir, NAME);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch {
    return env;
  }
  return (await canExecuteIn(folder)) ? { ...env, BUN_TMPDIR: folder } : env;
}
