import { readFileSync } from "node:fs";
import type { Command, Option } from "commander";
import { expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.ts";

// The formatter pads the cells of tables.
const document = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8").replaceAll(
  / {2,}/g,
  " ",
);

/** A command with the names of those that lead to it. */
interface Described {
  command: Command;
  path: string[];
}

/** Its words and arguments, as they stand in the heading. */
function usage({ command, path }: Described): string {
  const values = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return ["sandbox-agent", ...path, ...values].join(" ");
}

function described(command: Command, path: string[] = []): Described[] {
  const shown = command.createHelp().visibleCommands(command);
  return [
    { command, path },
    ...shown
      .filter((each) => each.name() !== "help")
      .flatMap((each) => described(each, [...path, each.name()])),
  ];
}

/** The text under a heading, up to the next. */
function section(heading: string): string {
  const sections = document.split(/^##+ /m);
  return sections.find((part) => part.startsWith(`\`${heading}\`\n`)) ?? "";
}

/** The options in the table under a heading, with the variable in the second column if it has one. */
function documented(heading: string): string[] {
  return [...section(heading).matchAll(/^\| `(-[^`]+)` \|(?: (?:`(\w+)`)? ?\|)?/gm)].map(
    ([, flags = "", variable = ""]) => `${flags} ${variable}`,
  );
}

function declared(command: Command): string[] {
  const options: readonly Option[] = command.createHelp().visibleOptions(command);
  return options.map(({ flags, envVar }) => `${flags} ${envVar ?? ""}`);
}

const commands = described(createProgram());
const groups = commands.filter(({ command }) => command.commands.length > 0);
const leaves = commands.filter(({ command }) => command.commands.length === 0);

it("describes every command, and no other", () => {
  const headings = [...document.matchAll(/^##+ `(sandbox-agent.*)`$/gm)];
  expect(headings.map(([, heading]) => heading)).toEqual(commands.map(usage));
});

it.each(leaves.map((leaf) => [leaf.path.join(" "), leaf] as const))(
  "lists every option of %s with its variable, and no other",
  (_, leaf) => {
    // What all commands of a group have stands once, under the group.
    const above = leaf.path.slice(1).map((_word, index) => leaf.path.slice(0, index + 1));
    const common = above.flatMap((path) => documented(["sandbox-agent", ...path].join(" ")));
    const all = [...common, ...documented(usage(leaf))];
    expect(all.toSorted()).toEqual(declared(leaf.command).toSorted());
  },
);

it("lists every option that stands before a command", () => {
  const [program] = groups;
  expect(documented("sandbox-agent").toSorted()).toEqual(
    program && declared(program.command).toSorted(),
  );
});

it("tells every other name of a command", () => {
  for (const leaf of leaves) {
    for (const alias of leaf.command.aliases()) {
      expect(section(usage(leaf))).toContain(`\`${alias}\``);
    }
  }
});

it("every command shows in its help how it is called", () => {
  for (const { command, path } of leaves) {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help, path.join(" ")).toMatch(/\nExamples:\n {2}\S/);
  }
});
