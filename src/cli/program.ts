import { Command, CommanderError } from "commander";
import { version } from "../version.ts";
import { defineApi } from "./define/api.ts";
import { defineCompletions } from "./define/completions.ts";
import { defineCredentials } from "./define/credentials.ts";
import { defineDaemon } from "./define/daemon.ts";
import { defineDoctor } from "./define/doctor.ts";
import { defineInstallAgent } from "./define/install-agent.ts";
import { defineRun } from "./define/run.ts";
import { defineServer } from "./define/server.ts";
import { reportFailure } from "./failure.ts";
import { addTokenOptions } from "./options.ts";
import { OutputGone } from "./output.ts";

/** Usage errors, and help that nobody asked for. */
const USAGE = 2;
const FAILURE = 1;
/** As if SIGPIPE had ended it, which the runtimes ignore. */
const UNREAD = 141;

/** Runs the command line (without the program's own name) and resolves with the exit code. */
export async function run(argv: string[]): Promise<number> {
  const program = createProgram(argv[0]);
  try {
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return USAGE;
    }
    await program.parseAsync(argv, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (error instanceof OutputGone) return UNREAD;
    reportFailure(error);
    return FAILURE;
  }
}

type Define = (program: Command) => void;

/** A command that programs start and wait for. It is defined alone, which saves a tenth of its start. */
const alone: Readonly<Record<string, Define>> = { server: defineServer };

const all: readonly Define[] = [
  defineServer,
  defineRun,
  defineInstallAgent,
  defineCredentials,
  defineDoctor,
  defineApi,
  defineDaemon,
  defineCompletions,
];

/**
 * The commands and their options; what a command does is loaded when it is called. `name` is what was
 * typed first: no more is defined than that needs.
 */
export function createProgram(name = ""): Command {
  const program = new Command("sandbox-agent")
    .description("One HTTP + SSE API over every coding agent, inside the sandbox.")
    .version(`sandbox-agent ${version}`, "-V, --version")
    .helpOption("-h, --help")
    .exitOverride();
  addTokenOptions(program, { token: "as after a command", none: "as after a command" });
  const define = Object.hasOwn(alone, name) ? alone[name] : undefined;
  for (const each of define ? [define] : all) each(program);
  return program;
}
