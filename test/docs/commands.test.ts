import type { Command } from "commander";
import { expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { codeBlocks } from "../support/code-blocks.ts";
import { documentsIn } from "../support/documents.ts";
import { runMain } from "../cli/main.ts";
import { temporaryHome } from "../support/sandbox.ts";

const documents = ["docs", "docs/deploy"].flatMap(documentsIn);

/** The words that follow each `sandbox-agent` in a block for a shell. */
function commandLines(text: string): string[][] {
  // In what is Docker's it is the name of an image.
  const lines = text
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => !line.startsWith("docker "));
  return lines.flatMap((line) =>
    [...line.matchAll(/(?:^|[\s"(])sandbox-agent ([^|;&)>#]*)/g)].map(([, words = ""]) =>
      [...words.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word),
    ),
  );
}

/** The command that some words name, and the words that are its own. */
function commandOf(words: readonly string[]): { command: Command; rest: readonly string[] } {
  let command = createProgram();
  let rest = words;
  for (;;) {
    const [name = ""] = rest;
    const next = command.commands.find((one) => [one.name(), ...one.aliases()].includes(name));
    if (!next) return { command, rest };
    command = next;
    rest = rest.slice(1);
  }
}

const shown = (
  await Promise.all(
    ["README.md", "SKILL.md", ...documents].map(async (path) =>
      (await codeBlocks(path))
        .filter(({ language }) => language === "sh")
        .flatMap(({ text }) => commandLines(text))
        .map((words) => ({ path, words, line: words.join(" ") })),
    ),
  )
).flat();

it("there are commands to look at", () => {
  expect(shown.length).toBeGreaterThan(10);
});

it.each(shown)("$path: `sandbox-agent $line` is a command with options that exist", ({ words }) => {
  const { command, rest } = commandOf(words);
  // What has commands of its own does nothing by itself, but for the program, which has options.
  if (command.commands.length > 0) expect(rest.every((word) => word.startsWith("-"))).toBe(true);
  const known = new Set(
    [command, ...ancestors(command)].flatMap(({ options }) =>
      options.flatMap(({ short, long }) => [short, long]),
    ),
  );
  known.add("--help");
  for (const word of rest.filter((word) => /^--?[a-zA-Z]/.test(word))) {
    expect([...known], word).toContain(word.replace(/=.*/, ""));
  }
});

function ancestors(command: Command): Command[] {
  return command.parent ? [command.parent, ...ancestors(command.parent)] : [];
}

it("the quickstart's first command does what it says, without a key", async () => {
  const [line] = shown.filter(({ path, words }) => path.endsWith("quickstart.md") && words[0]);
  expect(line?.words).toEqual(["run", "--agent", "mock", '"Hello"']);
  await using home = await temporaryHome();
  const { exitCode, stdout } = await runMain(home, ["run", "--agent", "mock", "Hello"]);
  expect(stdout).toContain("Hello");
  expect(exitCode).toBe(0);
});
