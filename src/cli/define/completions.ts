import { Argument, type Command } from "commander";
import { examples } from "../options.ts";

/** Adds `completions`. */
export function defineCompletions(program: Command): void {
  program
    .command("completions")
    .description("Print a script that completes commands and options in a shell.")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      examples(
        "source <(sandbox-agent completions bash)",
        "source <(sandbox-agent completions zsh)",
        "sandbox-agent completions fish > ~/.config/fish/completions/sandbox-agent.fish",
      ),
    )
    .action(async (shell: string) => {
      const { printCompletions } = await import("../commands/completions.ts");
      await printCompletions(program, shell);
    });
}
