import { join } from "node:path";
import {
  foldersAbove,
  type Instruction,
  InstructionReader,
  instructionText,
} from "../instructions.ts";

const OWN = ["CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md"];
const OTHERS = "AGENTS.md";

/**
 * The project's instruction files, which the CLI does not read without the project's settings. As
 * in the CLI, files of outer folders come first, and `AGENTS.md` counts in a folder without any
 * `CLAUDE.md`. Observed in Claude Code 2.1.330.
 */
export async function claudeInstructions(directory: string): Promise<string | undefined> {
  const reader = await InstructionReader.open(directory);
  const found: Instruction[] = [];
  for (const folder of await foldersAbove(directory, false)) {
    const own: Instruction[] = [];
    for (const name of OWN) own.push(...(await reader.read(join(folder, name), { imports: true })));
    const others = own.length > 0 ? [] : await reader.read(join(folder, OTHERS), { imports: true });
    found.push(...own, ...others);
  }
  return instructionText(found);
}
