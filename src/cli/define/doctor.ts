import type { Command } from "commander";
import { examples, installDir } from "../options.ts";

/** Adds `doctor [agent]`. */
export function defineDoctor(program: Command): void {
  program
    .command("doctor")
    .description("Check whether agents can work here, and tell the cure of what is wrong.")
    .argument("[agent]", "claude, codex, opencode, amp or mock; without it every one")
    .option("--check-key", "also ask the model's server whether it takes the key")
    .option("--json", "print the report as JSON")
    .addOption(installDir())
    .addHelpText(
      "after",
      examples("sandbox-agent doctor", "sandbox-agent doctor claude --check-key"),
    )
    .action(async (agent: string | undefined, options: unknown) => {
      process.exitCode = await (await import("../commands/doctor.ts")).doctor(agent, options);
    });
}
