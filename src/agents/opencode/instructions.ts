import { join } from "node:path";
import type { OpenOptions } from "../agent.ts";
import { refuseLoaded } from "./repository.ts";
import { foldersAbove, InstructionReader, instructionText } from "../instructions.ts";

/** The first of these names that occurs counts. */
const NAMES = ["AGENTS.md", "CLAUDE.md", "CONTEXT.md"];

/**
 * The project's instruction files, which the server does not read if the project's settings are
 * ignored. Undefined if they are used, or without files. The server still reads those of nested
 * folders. Observed in OpenCode 1.18.33.
 *
 * @throws a problem if the server would run code of the directory even so.
 */
export async function checkedInstructions({
  directory,
  repositorySettings,
  env,
}: Pick<OpenOptions, "directory" | "repositorySettings" | "env">): Promise<string | undefined> {
  if (repositorySettings === "use") return undefined;
  await refuseLoaded(directory, env["HOME"]);
  const reader = await InstructionReader.open(directory);
  const folders = await foldersAbove(directory, true);
  for (const name of NAMES) {
    if (name === "CLAUDE.md" && isDisabled(env)) continue;
    const found = [];
    for (const folder of folders) {
      found.push(...(await reader.read(join(folder, name), { imports: false })));
    }
    if (found.length > 0) return instructionText(found);
  }
  return undefined;
}

function isDisabled(env: Readonly<Record<string, string>>): boolean {
  const names = ["OPENCODE_DISABLE_CLAUDE_CODE", "OPENCODE_DISABLE_CLAUDE_CODE_PROMPT"];
  return names.some((name) => ["1", "true"].includes(env[name] ?? ""));
}
