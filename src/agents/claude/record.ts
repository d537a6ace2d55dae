import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Whether the CLI has kept a record of the session, without which no process can take it up again:
 * it works on without a word where its folder cannot be written to (2.1.330).
 */
export async function hasRecord(
  env: Readonly<Record<string, string>>,
  nativeSessionId: string,
): Promise<boolean> {
  const config = env["CLAUDE_CONFIG_DIR"] ?? join(env["HOME"] ?? "", ".claude");
  const projects = join(config, "projects");
  // A folder for each working directory; its name is made in a way that is the CLI's own affair.
  for (const project of await readdir(projects).catch(() => [])) {
    const found = await stat(join(projects, project, `${nativeSessionId}.jsonl`)).catch(() => null);
    if (found && found.size > 0) return true;
  }
  return false;
}
