import type { Command } from "commander";
import { bashScript } from "../completions/bash.ts";
import { fishScript } from "../completions/fish.ts";
import { completedCommands } from "../completions/model.ts";
import { zshScript } from "../completions/zsh.ts";
import { print } from "../output.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `sandbox-agent completions <shell>`. */
export async function printCompletions(program: Command, shell: string): Promise<void> {
  const script = Object.entries(scripts).find(([name]) => name === shell)?.[1];
  if (!script) throw new Error(`no completions for ${shell}`);
  await print(script(completedCommands(program)));
}
