import type { Command } from "commander";

// What our own executable is started as beside the daemon; nobody types it.

/** Adds `guardian`: kills a daemon's children where the daemon was killed. */
export function defineGuardian(program: Command): void {
  program
    .command("guardian", { hidden: true })
    .action(async () => (await import("../commands/guardian.ts")).guardian());
}

/** Adds `delegate`: what Amp asks before it runs a tool. */
export function defineDelegate(program: Command): void {
  program
    .command("delegate", { hidden: true })
    .argument("<folder>")
    .action(async (folder: string) => {
      process.exitCode = await (await import("../commands/delegate.ts")).delegate(folder);
    });
}
