import { type Command, Option } from "commander";
import type { ServerOptions } from "../commands/server.ts";
import {
  addInstallOptions,
  addTokenOptions,
  duration,
  eventBuffer,
  examples,
  list,
  optionsOf,
  origins,
  port,
  repositorySettings,
} from "../options.ts";

/** What `--token` and `--no-token` mean to whoever serves. */
export const serverTokens = {
  token: "token that every request must carry",
  none: "serve without a token",
};

/** Adds `server`. */
export function defineServer(program: Command): void {
  const server = program
    .command("server")
    .description("Serve the HTTP + SSE API.")
    .option("-H, --host <address>", "address to listen on", "127.0.0.1")
    .option("-p, --port <port>", "port to listen on; 0 lets the system choose", port, 2468)
    .option(
      "-O, --cors-allow-origin <origin>",
      "origin that browsers may call from; repeatable",
      origins,
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
      new Option(
        "--event-buffer <size>",
        "memory for events, with KiB, MiB or GiB; by default a quarter of all, at most 512MiB",
      ).argParser(eventBuffer),
    )
    .addOption(
      new Option("--agent-idle <duration>", "after so long an idle agent's process ends; 0: never")
        .argParser(duration)
        .default(600_000, "10m"),
    )
    .addOption(
      repositorySettings(
        "for sessions that do not choose: hooks, MCP servers and similar settings of their directory; by default use with bypass, else ignore",
      ),
    );
  addInstallOptions(server)
    .addOption(
      new Option(
        "--agent-user <user>",
        "user that agents run as; requires a daemon that root starts",
      ).env("SANDBOX_AGENT_AGENT_USER"),
    )
    .option("--no-telemetry", "accepted and without effect: nothing is ever sent")
    .addOption(
      new Option("--log-level <level>", "how much is logged to stderr")
        .choices(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
        .default("info")
        .env("SANDBOX_AGENT_LOG_LEVEL"),
    )
    .addOption(
      new Option("--log-format <format>", "pretty on a terminal, else json, unless told")
        .choices(["json", "pretty"])
        .env("SANDBOX_AGENT_LOG_FORMAT"),
    )
    .addHelpText(
      "after",
      examples(
        "sandbox-agent server --token-file /run/secrets/sandbox-agent --host 0.0.0.0",
        'SANDBOX_AGENT_TOKEN="$TOKEN" sandbox-agent server',
        "sandbox-agent server --no-token",
      ),
    );
  addTokenOptions(server, serverTokens).action(async (_options, command: Command) => {
    const { server } = await import("../commands/server.ts");
    await server(optionsOf<ServerOptions>(command));
  });
}
