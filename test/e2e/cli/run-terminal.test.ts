import { readdir } from "node:fs/promises";
import { expect, it } from "vitest";
import { reply, type Script, text, tool } from "../../support/model-script.ts";
import { startModelServer } from "../../support/model-server.ts";
import { expectNoProcesses, processesWith } from "../../support/processes.ts";
import { realClaude } from "../../support/real-claude.ts";
import { claudeEnv, temporaryHome, type TemporaryHome } from "../../support/sandbox.ts";
import { openTerminal, type Terminal } from "../../support/terminal.ts";

function bash(command: string) {
  return tool("Bash", { command, description: "As scripted" });
}

function question(text: string, header: string, labels: string[], multiSelect: boolean) {
  const options = labels.map((label) => ({ label, description: `Take ${label}` }));
  return { question: text, header, multiSelect, options };
}

/** A turn that requests a permission, two at once, and answers to two questions. */
const EVERYTHING: Record<string, Script> = {
  everything: [
    reply([text("I will run a command."), bash("echo hi-from-bash && touch made.txt")]),
    reply([bash("touch a1"), bash("touch b1")]),
    reply([
      tool("AskUserQuestion", {
        questions: [
          question("Which color?", "Color", ["Red", "Blue"], false),
          question("Which sizes?", "Sizes", ["S", "L"], true),
        ],
      }),
    ]),
    reply("Thanks for answering. All done."),
  ],
};

/** A terminal in which Claude Code runs one turn of a scripted model. */
async function inTerminal(
  prompt: string,
  work: (terminal: Terminal, home: TemporaryHome) => Promise<void>,
  args: readonly string[] = [],
  scripts?: Record<string, Script>,
): Promise<void> {
  await using home = await temporaryHome();
  await using model = await startModelServer(scripts && { scripts });
  const { installDir } = await realClaude();
  await using terminal = openTerminal({
    home,
    args: ["run", "--agent", "claude", "--install-dir", installDir, "--offline", ...args, prompt],
    env: claudeEnv(model),
  });
  await work(terminal, home);
  await expectNothingLeft(home);
}

/** No process of the home, and nothing in its temporary folder. */
async function expectNothingLeft(home: TemporaryHome): Promise<void> {
  await expectNoProcesses(home.dir);
  const left = await readdir(home.env["TMPDIR"] ?? "");
  // Claude Code keeps a folder of its own there.
  expect(left.filter((name) => !name.startsWith("claude-"))).toEqual([]);
}

it("permissions and questions of a turn are answered one after the other, and the exit code is 0", () =>
  inTerminal(
    "go @@everything@@",
    async (terminal, home) => {
      await terminal.until("Allow it? y(es), a(lways in this session), n(o): ");
      expect(terminal.text()).toContain("I will run a command.");
      expect(terminal.text()).toContain("$ echo hi-from-bash && touch made.txt");
      expect(await readdir(home.work)).toEqual([]);
      terminal.type("y\r");
      await terminal.until("  hi-from-bash");

      // Of two permissions that are open at once, the second is asked for after the first.
      await terminal.until("$ touch a1");
      await terminal.until("n(o): ");
      expect(terminal.text()).not.toContain("$ touch b1");
      terminal.type("n\r");
      await terminal.until("$ touch b1");
      await terminal.until("n(o): ");
      terminal.type("y\r");

      // A question is answered by numbers and in the user's own words.
      await terminal.until("Which color?\n  1. Red - Take Red\n  2. Blue - Take Blue\n");
      await terminal.until("own words (Ctrl-D: no answer): ");
      terminal.type("2\r");
      await terminal.until("Which sizes? (several, by commas)");
      await terminal.until("no answer): ");
      terminal.type("1, XL\r");
      await terminal.until("Blue; S, XL");
      await terminal.until("Thanks for answering.");
      await terminal.until("All done.");

      await terminal.until("completed");
      expect(await terminal.exited).toBe(0);
      expect((await readdir(home.work)).toSorted()).toEqual(["b1", "made.txt"]);
    },
    [],
    EVERYTHING,
  ));

it("a permission shows its command character by character, ignores what was typed before, and is rejected", () => {
  // Printed as it is, a terminal shows `echo safe# touch sneaky.txt && touch sneaky.txt`.
  const command = "echo safe\u200b# \u202etxt.yaknaes hcuot\u202c && touch sneaky.txt";
  return inTerminal(
    "go @@spoofed@@",
    async (terminal, home) => {
      terminal.type("y\ry\r");
      await terminal.until("n(o): ");
      expect(terminal.text()).toContain(
        "$ echo safe<U+200B># <U+202E>txt.yaknaes hcuot<U+202C> && touch sneaky.txt",
      );
      expect(terminal.text()).not.toMatch(/\u200b|\u202e|\u202c/);
      terminal.type("what?\r");
      await terminal.until("n(o): ");
      terminal.type("n\r");
      await terminal.until("rejected");
      await terminal.until("All done.");
      expect(await terminal.exited).toBe(0);
      expect(await readdir(home.work)).toEqual([]);
    },
    [],
    { spoofed: [reply([bash(command)]), reply("All done.")] },
  );
});

it("what is allowed always is not asked for again, and something else is", () =>
  inTerminal("go @@bashtwice@@", async (terminal) => {
    await terminal.until("n(o): ");
    terminal.type("a\r");
    await terminal.until("allowed, also from now on");
    // The equal request is answered from the memory of the session.
    await terminal.until("touch two.txt");
    await terminal.until("n(o): ");
    // The end of the input is a no.
    terminal.type("\x04");
    await terminal.until("rejected");
    expect(await terminal.exited).toBe(0);
  }));

it("a plan is shown where it is to be approved", () =>
  inTerminal(
    "go @@plan@@",
    async (terminal) => {
      await terminal.until("The plan:\n  # Plan\n  1. Do A\n  2. Do B\n");
      await terminal.until("1. approve");
      await terminal.until("no answer): ");
      terminal.type("1\r");
      await terminal.until("After the plan.");
      expect(await terminal.exited).toBe(0);
    },
    ["--permission-mode", "plan"],
  ));

it("a file's change is shown in colours", () =>
  inTerminal(
    "go @@write@@",
    async (terminal) => {
      await terminal.until("All done.");
      expect(await terminal.exited).toBe(0);
      expect(terminal.raw()).toContain("  \u001b[31m-line two\u001b[39m\r\n");
      expect(terminal.raw()).toContain("  \u001b[32m+line 2\u001b[39m\r\n");
    },
    ["--permissions", "allow"],
  ));

it("Ctrl-C interrupts a running command first, ends with 130 and leaves nothing behind", () =>
  inTerminal(
    "go @@bashlong@@",
    async (terminal, home) => {
      await expect.poll(() => readdir(home.work), { timeout: 60_000 }).toEqual(["long.started"]);
      terminal.type("\x03");
      await terminal.until("interrupted");
      expect(await terminal.exited).toBe(130);
    },
    ["--permissions", "allow"],
  ));

it("Ctrl-C at a question withdraws it and interrupts the turn", () =>
  inTerminal("go @@bash@@", async (terminal, home) => {
    await terminal.until("n(o): ");
    terminal.type("\x03");
    await terminal.until("rejected (interrupted)");
    await terminal.until("interrupted");
    expect(await terminal.exited).toBe(130);
    expect(await readdir(home.work)).toEqual([]);
  }));

it("a second Ctrl-C ends at once, also an agent that does not listen and what it has started", () =>
  inTerminal(
    "go @@bashlong@@",
    async (terminal, home) => {
      await expect.poll(() => readdir(home.work), { timeout: 60_000 }).toEqual(["long.started"]);
      const agents = (await processesWith(`HOME=${home.dir}`)).filter(({ command }) =>
        command.includes("--input-format"),
      );
      for (const { pid } of agents) process.kill(pid, "SIGSTOP");
      expect(agents).toHaveLength(1);
      terminal.type("\x03");
      await terminal.until("^C");
      terminal.type("\x03");
      expect(await terminal.exited).toBe(130);
    },
    ["--permissions", "allow"],
  ));

it("a terminal that is closed ends the turn and leaves nothing behind", () =>
  inTerminal(
    "go @@bashlong@@",
    async (terminal, home) => {
      await expect.poll(() => readdir(home.work), { timeout: 60_000 }).toEqual(["long.started"]);
      await terminal.close();
      await expectNoProcesses(home.dir);
    },
    ["--permissions", "allow"],
  ));
