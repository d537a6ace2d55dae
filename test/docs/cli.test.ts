import { readFileSync } from "node:fs";
import type { Command, Option } from "commander";
import { expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.ts";

// The formatter pads the cells of tables.
const document = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8").replaceAll(
  / {2,}/g,
  " ",
);

/** The options in the table under a heading, with the variable in the second column if it has one. */
function documented(heading: RegExp): [flags: string, variable: string][] {
  const section = document.split(/^## /m).find((part) => heading.test(part)) ?? "";
  return [...section.matchAll(/^\| `(-[^`]+)` \|(?: (?:`(\w+)`)? ?\|)?/gm)].map(
    ([, flags = "", variable = ""]) => [flags, variable],
  );
}

function declared(command: Command): [flags: string, variable: string][] {
  const options: readonly Option[] = command.createHelp().visibleOptions(command);
  return options.map(({ flags, envVar }) => [flags, envVar ?? ""]);
}

/** The commands below one that do something themselves, each with the words that call it. */
function leaves(parent: Command, words: string[] = []): [words: string, command: Command][] {
  const shown = parent.createHelp().visibleCommands(parent);
  return shown
    .filter((command) => command.name() !== "help")
    .flatMap((command) => {
      const own = [...words, command.name()];
      return command.commands.length > 0
        ? leaves(command, own)
        : [[own.join(" "), command] satisfies [string, Command]];
    });
}

const program = createProgram();
const commands = leaves(program);

it("describes every command, and no other", () => {
  const headings = [...document.matchAll(/^## `sandbox-agent ([^`<[]+?)(?: [<[].*)?`$/gm)];
  expect(headings.map(([, name]) => name)).toEqual(commands.map(([name]) => name));
});

it.each(commands)("lists every option of %s with its variable, and no other", (name, command) => {
  const lines = (options: string[][]) => options.map((option) => option.join(" ")).toSorted();
  expect(lines(documented(new RegExp(`^\`sandbox-agent ${name}[\` ]`)))).toEqual(
    lines(declared(command)),
  );
});

it("lists every option that stands before a command", () => {
  const flags = documented(/^`sandbox-agent`\n/).map(([name]) => name);
  expect(flags.toSorted()).toEqual(
    declared(program)
      .map(([name]) => name)
      .toSorted(),
  );
});
