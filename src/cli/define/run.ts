import { type Command, Option } from "commander";
import { addInstallOptions, addSessionOptions, examples, list, optionsOf } from "../options.ts";

/** Adds `run`. */
export function defineRun(program: Command): void {
  const command = program
    .command("run")
    .description("Have an agent do one thing, here and now, without a daemon.")
    .argument("[prompt]", "what to do; read from stdin where it is not given, or -");
  addSessionOptions(command)
    .option("-C, --directory <folder>", "where the agent works; by default here")
    .option("--attach <file>", "a file that belongs to the prompt; repeatable", list)
    .addOption(
      new Option(
        "--permissions <policy>",
        "ask, allow or reject what the agent asks for; by default ask on a terminal, else reject",
      ).choices(["ask", "allow", "reject"]),
    )
    .option("--answer <label>", "chosen where a question offers it; repeatable", list)
    .option("--json", "one event a line; nothing is asked")
    .option("--verbose", "log to stderr what the daemon inside does");
  addInstallOptions(command)
    .addHelpText(
      "after",
      examples(
        'sandbox-agent run --agent claude "Fix the failing test"',
        "git diff | sandbox-agent run --agent codex --permission-mode plan -",
        'sandbox-agent run --agent opencode --permissions allow --json "Add a changelog" > turn.jsonl',
      ),
    )
    .action(async (prompt: string | undefined, _options, command: Command) => {
      if (prompt === undefined && process.stdin.isTTY) {
        command.error("error: a prompt is needed: as an argument, or on stdin");
      }
      const options = optionsOf(command);
      const nobody = options["json"] === true || !process.stdin.isTTY || !process.stdout.isTTY;
      if (options["permissions"] === "ask" && nobody) {
        command.error("error: --permissions ask needs a terminal, and no --json");
      }
      const { runTurn } = await import("../commands/run.ts");
      process.exitCode = await runTurn(prompt, options);
    });
}
