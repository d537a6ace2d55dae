import type { Command } from "commander";

/** Adds what our own executable is started as beside the daemon; nobody types it. */
export function defineHidden(program: Command): void {
  program
    .command("guardian", { hidden: true })
    .action(async () => (await import("../commands/guardian.ts")).guardian());
  program
    .command("delegate", { hidden: true })
    .argument("<folder>")
    .action(async (folder: string) => {
      process.exitCode = await (await import("../commands/delegate.ts")).delegate(folder);
    });
}
