import { type Command, InvalidArgumentError, Option } from "commander";
import { addTokenOptions } from "../options.ts";
import { defineApiAgents } from "./api-agents.ts";
import { defineApiSessions } from "./api-sessions.ts";

/** Adds `api`: a command for each route of the daemon. */
export function defineApi(program: Command): void {
  const api = program.command("api").description("Ask a running daemon: a command per route.");
  defineApiAgents(api, leaf);
  defineApiSessions(api, leaf);
}

/** Adds a command that asks a daemon. */
export type Leaf = (group: Command, name: string, description: string) => Command;

function leaf(group: Command, name: string, description: string): Command {
  const command = group.command(name).description(description);
  command.addOption(
    new Option("-e, --endpoint <url>", "where the daemon listens")
      .argParser(endpoint)
      .default("http://127.0.0.1:2468")
      .env("SANDBOX_AGENT_ENDPOINT"),
  );
  return addTokenOptions(command, {
    token: "the daemon's token",
    none: "send no token, even if a variable names one",
  });
}

function endpoint(value: string): string {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value;
  throw new InvalidArgumentError("It must be a URL that begins with http:// or https://.");
}
