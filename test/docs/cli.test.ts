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
function documented(heading: string): [flags: string, variable: string][] {
  const section = document.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  return [...section.matchAll(/^\| `(-[^`]+)` \|(?: (?:`(\w+)`)? ?\|)?/gm)].map(
    ([, flags = "", variable = ""]) => [flags, variable],
  );
}

function declared(command: Command): [flags: string, variable: string][] {
  const options: readonly Option[] = command.createHelp().visibleOptions(command);
  return options.map(({ flags, envVar }) => [flags, envVar ?? ""]);
}

const program = createProgram();
const shown = program.createHelp().visibleCommands(program);
const commands = shown.filter((command) => command.name() !== "help");

it("describes every command, and no other", () => {
  const headings = [...document.matchAll(/^## `sandbox-agent (\S+?)(?: .*)?`$/gm)];
  expect(headings.map(([, name]) => name)).toEqual(commands.map((command) => command.name()));
});

it.each(commands.map((command) => [command.name(), command] as const))(
  "lists every option of %s with its variable, and no other",
  (name, command) => {
    const lines = (options: string[][]) => options.map((option) => option.join(" ")).toSorted();
    expect(lines(documented(`\`sandbox-agent ${name}`))).toEqual(lines(declared(command)));
  },
);

it("lists every option that stands before a command", () => {
  const flags = documented("`sandbox-agent`\n").map(([name]) => name);
  expect(flags.toSorted()).toEqual(
    declared(program)
      .map(([name]) => name)
      .toSorted(),
  );
});
