/**
 * Modes in which the daemon and agents start this program. They are not commands: without the command
 * line's modules each start takes a fraction of the time, and Amp starts `delegate` for each tool call.
 */
export const hiddenModes: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  /** Asks the daemon whether Amp may run a tool. */
  delegate: async ([folder = ""]) => (await import("./commands/delegate.ts")).delegate(folder),
  /** Kills the children of a daemon that was killed. */
  guardian: async () => (await import("./commands/guardian.ts")).guardian(),
};
