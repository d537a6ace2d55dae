import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ampFiles } from "./amp-files.ts";
import { claudeFiles } from "./claude-files.ts";
import { codexFiles } from "./codex-files.ts";
import { opencodeFiles } from "./opencode-files.ts";
import { runtimeFiles } from "./runtime-files.ts";
import type { Files, Traps } from "./traps.ts";

/** Every file through which a folder makes one of the agents run or redirect something. */
export function hostileFiles(traps: Traps): Files {
  return {
    ...runtimeFiles(traps),
    ...claudeFiles(traps),
    ...codexFiles(traps),
    ...opencodeFiles(traps),
    ...ampFiles(traps),
  };
}

/** Writes files below a folder. */
export async function plant(folder: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode: path.endsWith(".sh") ? 0o755 : 0o644 });
  }
}
