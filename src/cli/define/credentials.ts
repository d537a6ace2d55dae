import { type Command, Option } from "commander";
import { examples } from "../options.ts";

/** Adds `credentials extract` and `credentials extract-env`. */
export function defineCredentials(program: Command): void {
  const credentials = program
    .command("credentials")
    .description("Find the keys that agents on this machine use.");
  addPlaces(
    credentials
      .command("extract")
      .description("Tell which keys there are, and where each is from.")
      .addOption(
        new Option("-a, --agent <agent>", "only the key of this agent's provider").choices([
          "claude",
          "codex",
          "opencode",
          "amp",
        ]),
      )
      .option("-p, --provider <provider>", "only the key of anthropic, openai or another provider")
      .option("-r, --reveal", "print whole keys"),
  )
    .addHelpText(
      "after",
      examples(
        "sandbox-agent credentials extract",
        "sandbox-agent credentials extract --agent claude --reveal",
      ),
    )
    .action(async (options: unknown) => {
      await (await import("../commands/credentials.ts")).extract(options);
    });
  addPlaces(
    credentials
      .command("extract-env")
      .description("Print the keys as assignments that a shell can evaluate.")
      .option("-e, --export", "with `export` before each")
      .option("-r, --reveal", "print whole keys also on a terminal"),
  )
    .addHelpText("after", examples('eval "$(sandbox-agent credentials extract-env --export)"'))
    .action(async (options: unknown) => {
      await (await import("../commands/credentials.ts")).extractEnv(options);
    });
}

function addPlaces(command: Command): Command {
  return command
    .option("-d, --home-dir <folder>", "whose files are read, if not those of the user")
    .option("--no-oauth", "leave out the tokens of logins");
}
