import { type Command, InvalidArgumentError, Option } from "commander";
import { SMALLEST_EVENT_BUFFER } from "./event-buffer-size.ts";
import { parseDuration } from "./duration.ts";
import { parseSize } from "./size.ts";

/** Adds `--token`, `--token-file` and `--no-token`; the last one wins at any position. */
export function addTokenOptions(
  command: Command,
  { token, none }: { token: string; none: string },
): Command {
  return (
    command
      .addOption(new Option("-t, --token <token>", token).env("SANDBOX_AGENT_TOKEN"))
      .addOption(
        new Option("--token-file <file>", "file that holds the token; - reads standard input").env(
          "SANDBOX_AGENT_TOKEN_FILE",
        ),
      )
      .addOption(new Option("-n, --no-token", none))
      // Of the two the last one would win; this one shall, wherever it stands.
      .on("option:no-token", () => command.setOptionValueWithSource("withoutToken", true, "cli"))
  );
}

/**
 * A command's options; what was typed in front of the command, of any of its groups, counts before
 * what stands in the environment.
 */
// As of commander's own `opts()`, only the caller knows which options it has declared.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function optionsOf<Options = Record<string, unknown>>(command: Command): Options {
  const options = { ...command.opts<Options & object>() };
  const typed = new Set(Object.keys(options).filter((name) => isTyped(command, name)));
  for (let group = command.parent; group; group = group.parent) {
    for (const [name, value] of Object.entries(group.opts())) {
      if (typed.has(name) || !isTyped(group, name)) continue;
      Object.assign(options, { [name]: value });
      typed.add(name);
    }
  }
  if ("withoutToken" in options && options.withoutToken === true) {
    return { ...options, token: false };
  }
  // A file that was typed counts before a variable.
  const fileCounts = typed.has("tokenFile") && !typed.has("token");
  return { ...options, ...(fileCounts && { token: undefined }), tokenIsTyped: typed.has("token") };
}

function isTyped(command: Command, name: string): boolean {
  return command.getOptionValueSource(name) === "cli";
}

/** Adds `--install-dir` and `--offline`. */
export function addInstallOptions(command: Command): Command {
  return command
    .addOption(installDir())
    .addOption(new Option("--offline", "never download an agent").env("SANDBOX_AGENT_OFFLINE"));
}

/** The option that says where agents are installed. */
export function installDir(): Option {
  return new Option("--install-dir <folder>", "where agents are installed").env(
    "SANDBOX_AGENT_INSTALL_DIR",
  );
}

/** The part of a help text that shows how a command is called. */
export function examples(...lines: string[]): string {
  return ["", "Examples:", ...lines.map((line) => `  ${line}`)].join("\n");
}

/** Collects an option that may be given several times. */
export function list(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

export function port(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new InvalidArgumentError("It must be a number from 0 to 65535.");
}

export function count(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It must be a whole number from 0.");
}

/** Parses the size of the event buffer. A bare number is bytes. */
export function eventBuffer(value: string): number {
  const bytes = parseSize(value);
  if (bytes === undefined) {
    throw new InvalidArgumentError("It must be a number of bytes, or one with KiB, MiB or GiB.");
  }
  if (bytes >= SMALLEST_EVENT_BUFFER) return bytes;
  throw new InvalidArgumentError(
    `It must be at least 1MiB, and ${value} means ${bytes.toLocaleString("en")} bytes; a unit is KiB, MiB or GiB.`,
  );
}

/** Collects origins in the form in which browsers send them. */
export function origins(value: string, previous: string[] = []): string[] {
  return [...previous, origin(value)];
}

function origin(value: string): string {
  if (value === "*" || value === "null") return value;
  const url = URL.parse(value);
  const [, scheme, host] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)\/?$/i.exec(value) ?? [];
  if (!url || scheme === undefined || host === undefined) {
    throw new InvalidArgumentError(
      "It must be an origin such as https://app.example.com or http://localhost:5173, without a path; or * for all.",
    );
  }
  if (host.includes("*")) {
    throw new InvalidArgumentError(
      "A wildcard in a name is not supported: give every origin by an option of its own, or * for all.",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new InvalidArgumentError("An origin has no user and no password.");
  }
  // Only the schemes that browsers have built in have an origin here; an extension's is its URL.
  return url.origin === "null" ? `${scheme.toLowerCase()}://${host}` : url.origin;
}

export function duration(value: string): number {
  const ms = parseDuration(value);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("It must be 0, or a whole number with ms, s, m or h.");
}

/** Collects `NAME=VALUE` pairs. */
export function variable(
  value: string,
  previous: Record<string, string> = {},
): Record<string, string> {
  const [, name, text] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
  if (name === undefined || text === undefined) {
    throw new InvalidArgumentError("It must be NAME=VALUE.");
  }
  return { ...previous, [name]: text };
}

/** The option that decides about the settings in a session's directory. */
export function repositorySettings(description: string): Option {
  return new Option("--repository-settings <choice>", description).choices(["use", "ignore"]);
}

/** Adds what a session is made with, named as the reference names it. */
export function addSessionOptions(command: Command): Command {
  return command
    .requiredOption("-a, --agent <agent>", "claude, codex, opencode, amp or mock")
    .option("-g, --agent-mode <mode>", "build, plan, or another mode of the agent")
    .option("-p, --permission-mode <mode>", "default, plan, acceptEdits or bypass")
    .addOption(
      repositorySettings(
        "hooks, MCP servers and similar settings of the directory: use or ignore; by default use with bypass, else ignore",
      ),
    )
    .option("-m, --model <model>", "a model of the agent")
    .option("-v, --variant <variant>", "reasoning effort, where the model has several");
}
