import type { Command } from "commander";
import { addInstallOptions, examples, optionsOf } from "../options.ts";

/** Adds `install-agent`. */
export function defineInstallAgent(program: Command): void {
  const command = program
    .command("install-agent")
    .description("Download an agent now, not when a session first needs it.")
    .argument("<agent>", "claude, codex, opencode, amp or mock; all for every one")
    .option("-r, --reinstall", "download it also when it is there")
    .option("--agent-version <version>", "a version, range or dist-tag instead of the latest");
  addInstallOptions(command)
    .addHelpText(
      "after",
      examples(
        "sandbox-agent install-agent claude",
        "sandbox-agent install-agent all --install-dir /usr/local/lib/sandbox-agent/agents",
      ),
    )
    .action(async (agent: string, _options, command: Command) => {
      const options = optionsOf(command);
      if (agent === "all" && options["agentVersion"] !== undefined) {
        command.error("error: --agent-version is of one agent, not of all");
      }
      const { installAgent } = await import("../commands/install-agent.ts");
      await installAgent(agent, options);
    });
}
