import { type Command, InvalidArgumentError } from "commander";
import { addTokenOptions, examples, optionsOf, port } from "../options.ts";
import { serverTokens } from "./server.ts";

const commands = () => import("../commands/daemon.ts");

/** Adds `daemon start`, `daemon stop` and `daemon status`. */
export function defineDaemon(program: Command): void {
  const daemon = program.command("daemon").description("Serve in the background.");
  const start = addAddress(
    daemon.command("start").description("Start a server in the background, unless one runs."),
  ).option("--upgrade", "restart one of another version");
  addTokenOptions(start, serverTokens)
    .addHelpText(
      "after",
      examples(
        "sandbox-agent daemon start --no-token",
        'SANDBOX_AGENT_TOKEN="$TOKEN" sandbox-agent daemon start --port 8080',
      ),
    )
    .action(async (_options, command: Command) =>
      (await commands()).startDaemon(optionsOf(command)),
    );
  addAddress(daemon.command("stop").description("Stop the server that `daemon start` started."))
    .addHelpText("after", examples("sandbox-agent daemon stop"))
    .action(async (_options, command: Command) =>
      (await commands()).stopDaemon(optionsOf(command)),
    );
  addAddress(daemon.command("status").description("Tell on stderr whether one runs."))
    .addHelpText("after", examples("sandbox-agent daemon status"))
    .action(async (_options, command: Command) =>
      (await commands()).tellDaemonStatus(optionsOf(command)),
    );
}

function addAddress(command: Command): Command {
  return command
    .option("-H, --host <address>", "address it listens on", "127.0.0.1")
    .option("-p, --port <port>", "port it listens on", fixedPort, 2468);
}

/** A port that the system chose could not be found again. */
function fixedPort(value: string): number {
  const number = port(value);
  if (number > 0) return number;
  throw new InvalidArgumentError("It must be a number from 1 to 65535.");
}
