import { parseArgs } from "node:util";
import { REAL_AGENTS, type RealAgentId } from "../../support/real-agents.ts";
import { UsageError } from "../arguments.ts";

export const CANARY_HELP = `Installs the newest release of every agent into .cache/canary and compares it with the pinned one.

  npm run canary [-- agent...]   all agents, or these
  npm run canary -- --help       print this text

It plays the conformance suite and records every scenario again. The recordings are kept in
.cache/canary/recordings. Exits with 0 when nothing has changed, with 1 when something has.
`;

/** A parsed command line of `npm run canary`. */
export type CanaryCommand =
  | { readonly command: "help" }
  | { readonly command: "run"; readonly agents: readonly RealAgentId[] };

/**
 * Parses the command line of `npm run canary`.
 *
 * @throws UsageError when an agent does not exist.
 */
export function parseCanary(args: readonly string[]): CanaryCommand {
  const { values, positionals } = parsed(args);
  if (values.help) return { command: "help" };
  const known = Object.keys(REAL_AGENTS) as RealAgentId[];
  const agents = positionals.map((name) => {
    const found = known.find((id) => id === name);
    if (found) return found;
    throw new UsageError(`There is no agent "${name}". Agents: ${known.join(", ")}.`);
  });
  return { command: "run", agents: agents.length > 0 ? agents : known };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
