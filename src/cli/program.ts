import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { version } from "../version.ts";
import { addCredentials } from "./credentials-commands.ts";
import { addDoctor } from "./doctor-command.ts";
import { parseDuration } from "./duration.ts";
import { installDir } from "./install-dir.ts";
import { messageOf } from "./message-of.ts";
import { parseSize } from "./size.ts";

/** Usage errors, and help that nobody asked for. */
const USAGE = 2;
const FAILURE = 1;

/** Runs the command line (without the program's own name) and resolves with the exit code. */
export async function run(argv: string[]): Promise<number> {
  const program = createProgram();
  try {
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return USAGE;
    }
    await program.parseAsync(argv, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    process.stderr.write(`sandbox-agent: ${messageOf(error)}\n`);
    return FAILURE;
  }
}

/** The commands and their options; what a command does is loaded when it is called. */
export function createProgram(): Command {
  const program = new Command("sandbox-agent")
    .description("One HTTP + SSE API over every coding agent, inside the sandbox.")
    .version(`sandbox-agent ${version}`, "-V, --version")
    .helpOption("-h, --help")
    .exitOverride();
  addTokenOptions(program);
  addServer(program);
  addInstallAgent(program);
  addCredentials(program);
  addDoctor(program);
  // What our own executable is started as beside the daemon; nobody types it.
  program
    .command("guardian", { hidden: true })
    .action(async () => (await import("./commands/guardian.ts")).guardian());
  program
    .command("delegate", { hidden: true })
    .argument("<folder>")
    .action(async (folder: string) => {
      process.exitCode = await (await import("./commands/delegate.ts")).delegate(folder);
    });
  return program;
}

function addServer(program: Command): void {
  const server = program
    .command("server")
    .description("Serve the HTTP + SSE API.")
    .option("-H, --host <address>", "address to listen on", "127.0.0.1")
    .option("-p, --port <port>", "port to listen on; 0 lets the system choose", port, 2468)
    .option(
      "-O, --cors-allow-origin <origin>",
      "origin that browsers may call from; repeatable",
      list,
    )
    .option("-M, --cors-allow-method <method>", "method allowed to those origins; repeatable", list)
    .option("-A, --cors-allow-header <header>", "header allowed to those origins; repeatable", list)
    .option("-C, --cors-allow-credentials", "let browsers send credentials")
    .option(
      "--allow-host <name>",
      "name accepted in the Host header without a token: a name, .suffix or *; repeatable",
      list,
    )
    .addOption(
      new Option("--event-buffer <size>", "memory for events, with KiB, MiB or GiB")
        .argParser(size)
        .default(512 * 2 ** 20, "512MiB"),
    )
    .addOption(
      new Option("--agent-idle <duration>", "after so long an idle agent's process ends; 0: never")
        .argParser(duration)
        .default(600_000, "10m"),
    )
    .addOption(installDir())
    .addOption(offline())
    .option("--no-telemetry", "accepted and without effect: nothing is ever sent")
    .addOption(
      new Option("--log-level <level>", "how much is logged to stderr")
        .choices(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
        .default("info")
        .env("SANDBOX_AGENT_LOG_LEVEL"),
    )
    .addOption(
      new Option("--log-format <format>", "pretty on a terminal, else json, unless told").choices([
        "json",
        "pretty",
      ]),
    )
    .addHelpText(
      "after",
      "\nExamples:\n" +
        '  sandbox-agent server --token "$TOKEN" --host 0.0.0.0\n' +
        "  sandbox-agent server --no-token",
    );
  addTokenOptions(server);
  server.action(async (_options, command: Command) => {
    const { server } = await import("./commands/server.ts");
    await server(optionsOf(command));
  });
}

function addInstallAgent(program: Command): void {
  program
    .command("install-agent")
    .description("Download an agent now, not when a session first needs it.")
    .argument("<agent>", "claude, codex, opencode, amp or mock; all for every one")
    .option("-r, --reinstall", "download it also when it is there")
    .option("--agent-version <version>", "a version, range or dist-tag instead of the latest")
    .addOption(installDir())
    .addOption(offline())
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  sandbox-agent install-agent claude\n" +
        "  sandbox-agent install-agent all --install-dir /usr/local/lib/sandbox-agent/agents",
    )
    .action(async (agent: string, _options, command: Command) => {
      const options = optionsOf(command);
      if (agent === "all" && options["agentVersion"] !== undefined) {
        command.error("error: --agent-version is of one agent, not of all");
      }
      const { installAgent } = await import("./commands/install-agent.ts");
      await installAgent(agent, options);
    });
}

function addTokenOptions(command: Command): void {
  command
    .addOption(
      new Option("-t, --token <token>", "token that every request must carry").env(
        "SANDBOX_AGENT_TOKEN",
      ),
    )
    .addOption(new Option("-n, --no-token", "serve without a token"))
    // Of the two the last one would win; this one shall, wherever it stands.
    .on("option:no-token", () => command.setOptionValueWithSource("withoutToken", true, "cli"));
}

/** A command's options; what was typed in front of the command counts before what stands in the environment. */
function optionsOf(command: Command): Record<string, unknown> {
  const options: Record<string, unknown> = command.opts();
  const { parent } = command;
  for (const [name, value] of Object.entries(parent?.opts() ?? {})) {
    const typed = parent?.getOptionValueSource(name) === "cli";
    if (typed && command.getOptionValueSource(name) !== "cli") options[name] = value;
  }
  return options["withoutToken"] === true ? { ...options, token: false } : options;
}

function offline(): Option {
  return new Option("--offline", "never download an agent").env("SANDBOX_AGENT_OFFLINE");
}

function list(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

function port(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new InvalidArgumentError("It must be a number from 0 to 65535.");
}

function size(value: string): number {
  const bytes = parseSize(value);
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError("It must be a number of bytes, or one with KiB, MiB or GiB.");
}

function duration(value: string): number {
  const ms = parseDuration(value);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("It must be 0, or a whole number with ms, s, m or h.");
}
