import { parseArgs } from "node:util";
import { type Recorder, scenarioOf } from "./recorder.ts";

/** A command line that cannot be carried out; the message is for the user. */
export class UsageError extends Error {}

/** A parsed command line of `npm run record`. */
export type RecordCommand =
  | { readonly command: "help" }
  | { readonly command: "list"; readonly recorders: readonly Recorder[] }
  | {
      readonly command: "record";
      readonly recorder: Recorder;
      readonly scenarios: readonly string[];
      /** True if the other files are recorded as well. */
      readonly files: boolean;
    };

export const RECORD_HELP = `Records a real agent that talks to a scripted model, and the golden events.

  npm run record -- <agent> <scenario>...   make or refresh these recordings
  npm run record -- --all <agent>           refresh all recordings of an agent
  npm run record -- --list [agent]          list the recordings
  npm run record -- --help                  print this text

The files are written to test/fixtures/<agent>. The scenarios are defined in test/record/<agent>.
`;

/**
 * Parses the command line of `npm run record`.
 *
 * @throws UsageError when an agent or a scenario does not exist.
 */
export function parseRecord(args: readonly string[], all: readonly Recorder[]): RecordCommand {
  const { values, positionals } = parsed(args);
  if (values.help) return { command: "help" };
  const [agent, ...names] = positionals;
  if (values.list) {
    return {
      command: "list",
      recorders: agent === undefined ? all : [recorderOf(agent, all)],
    };
  }
  if (agent === undefined) throw new UsageError(`No agent is named.\n\n${RECORD_HELP}`);
  const recorder = recorderOf(agent, all);
  if (values.all) {
    if (names.length > 0) throw new UsageError("--all records every scenario; name none.");
    return { command: "record", recorder, scenarios: [...recorder.scenarios.keys()], files: true };
  }
  if (names.length === 0) throw new UsageError(`No scenario is named. ${scenarioList(recorder)}`);
  const scenarios = names.map((name) => requireScenario(recorder, name));
  return { command: "record", recorder, scenarios: [...new Set(scenarios)], files: false };
}

/**
 * Finds the recorder of an agent.
 *
 * @throws UsageError when there is none.
 */
export function recorderOf(agent: string, all: readonly Recorder[]): Recorder {
  const found = all.find(({ id }) => id === agent);
  if (found) return found;
  const agents = all.map(({ id }) => id).join(", ");
  throw new UsageError(`There is no agent "${agent}" to record. Agents: ${agents}.`);
}

function requireScenario(recorder: Recorder, name: string): string {
  const scenario = scenarioOf(recorder, name);
  if (scenario !== undefined) return scenario;
  const reason = recorder.byHand[name];
  if (reason !== undefined) throw new UsageError(`"${name}" is recorded by hand: ${reason}.`);
  throw new UsageError(
    `There is no scenario "${name}" of ${recorder.id}. ${scenarioList(recorder)}`,
  );
}

function scenarioList({ scenarios }: Recorder): string {
  return `Scenarios: ${[...scenarios.keys()].join(", ")}.`;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        all: { type: "boolean" },
        list: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
