import type { Argument, Command, Option } from "commander";
import { agentIds } from "../../schema/agent.ts";

/** What may stand for a value: some words, a path, or anything. */
export type Values = { words: string[] } | "files" | "any";

/** An option as a shell completes it. */
export interface CompletedOption {
  flags: string[];
  description: string;
  /** Undefined where the option takes no value. */
  value: Values | undefined;
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  /** The words that lead to it, without the program's own name: `api sessions list`. */
  path: string;
  commands: { names: string[]; description: string }[];
  options: CompletedOption[];
  arguments: Values[];
}

/** A program's commands, those of groups after their group. */
export function completedCommands(command: Command, path: string[] = []): CompletedCommand[] {
  const help = command.createHelp();
  const shown = help.visibleCommands(command).filter((each) => each.name() !== "help");
  const own: CompletedCommand = {
    path: path.join(" "),
    commands: shown.map((each) => ({
      names: [each.name(), ...each.aliases()],
      description: each.description(),
    })),
    options: help.visibleOptions(command).map(toOption),
    arguments: command.registeredArguments.map((argument) =>
      toValues(argument.name(), argument, command.name()),
    ),
  };
  const below = shown.flatMap((each) =>
    [each.name(), ...each.aliases()].flatMap((name) => completedCommands(each, [...path, name])),
  );
  return [own, ...below];
}

function toOption(option: Option): CompletedOption {
  const { short, long, description } = option;
  const [, placeholder] = /<([^<>]+)>/.exec(option.flags) ?? [];
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    description,
    value: placeholder === undefined ? undefined : toValues(placeholder, option),
  };
}

function toValues(name: string, { argChoices }: Option | Argument, command?: string): Values {
  if (argChoices) return { words: argChoices };
  if (name === "agent") {
    return { words: command === "install-agent" ? [...agentIds, "all"] : [...agentIds] };
  }
  return name === "file" || name === "folder" ? "files" : "any";
}

/** `path/word` of every word that leads from a command to one below it. */
export function words(commands: CompletedCommand[]): string[] {
  return commands.flatMap(({ path, commands }) =>
    commands.flatMap(({ names }) => names.map((name) => `${path}/${name}`)),
  );
}

/** `path/flag` of every option after which a value follows. */
export function valueWords(commands: CompletedCommand[]): string[] {
  return commands.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== undefined)
      .flatMap(({ flags }) => flags.map((flag) => `${path}/${flag}`)),
  );
}

/** `path/index` of every position that is no option, and what may stand there. */
export function positions(commands: CompletedCommand[]): [key: string, values: Values][] {
  return commands.flatMap(({ path, commands, arguments: values }) => {
    const names = commands.flatMap(({ names }) => names);
    const below: Values[] = names.length === 0 ? [] : [{ words: names }];
    return [...below, ...values].map((value, index): [string, Values] => [
      `${path}/${index}`,
      value,
    ]);
  });
}
