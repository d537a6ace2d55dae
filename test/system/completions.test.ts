import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runMain } from "../cli/main.ts";
import { program as tested, shellCommand } from "../support/program.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";
import { openTerminal } from "../support/terminal.ts";

let home: TemporaryHome;

beforeAll(async () => {
  home = await temporaryHome();
  for (const shell of ["zsh", "fish"]) {
    const { exitCode, stdout, stderr } = await runMain(home, ["completions", shell]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    await writeFile(join(home.dir, `completions.${shell}`), stdout);
  }
  await writeFile(join(home.work, "notes.txt"), "");
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

describe("fish", () => {
  it.each([
    ["sandbox-agent api se", ["sessions"]],
    ["sandbox-agent daemon st", ["start", "stop", "status"]],
    ["sandbox-agent api sessions get-", ["get-messages"]],
    ["sandbox-agent completions ", ["bash", "zsh", "fish"]],
    ["sandbox-agent install-agent a", ["amp", "all"]],
    ["sandbox-agent run --agent c", ["claude", "codex"]],
    ["sandbox-agent run --agent=o", ["--agent=opencode"]],
    ["sandbox-agent run -a claude --permissions r", ["reject"]],
    ["sandbox-agent server --log-f", ["--log-format"]],
    ["sandbox-agent --token server daemon sta", ["start", "status"]],
    ["sandbox-agent run --attach no", ["notes.txt"]],
    ["sandbox-agent server --host ", []],
    ["sandbox-agent guard", []],
  ])("after %j offers %j", async (line, offered) => {
    const script = 'source "$HOME/completions.fish"; complete -C "$argv[1]"';
    const { stdout, stderr } = await execa("fish", ["--no-config", "-c", script, line], {
      cwd: home.work,
      env: home.env,
      extendEnv: false,
      stdin: "ignore",
    });
    expect(stderr).toBe("");
    const words = stdout.split("\n").map((row) => row.split("\t")[0] ?? "");
    expect(words.filter((word) => word !== "").toSorted()).toEqual(offered.toSorted());
  });
});

describe("zsh", () => {
  it.each([
    ["api se\t", "api sessions"],
    ["api sessions get-\t work", "api sessions get-messages work"],
    ["daemon sto\t", "daemon stop"],
    ["completions z\t", "completions zsh"],
    ["install-agent al\t", "install-agent all"],
    ["run --agent cl\t", "run --agent claude"],
    ["run --agent=op\t", "run --agent=opencode"],
    ["run -a mock --permissions rej\t", "run -a mock --permissions reject"],
    ["server --log-f\t", "server --log-format"],
    ["--token server daemon statu\t", "--token server daemon status"],
    ["run --attach no\t", "run --attach notes.txt"],
  ])("makes of %j %j", async (typed, ran) => {
    await using terminal = openTerminal({
      home,
      args: [],
      entry: { file: "zsh", args: ["-f", "-i"] },
      env: { TERM: "dumb" },
    });
    terminal.type('PS1="ready> "; autoload -U compinit; compinit -u -D\r');
    await terminal.until("ready> ");
    terminal.type('source "$HOME/completions.zsh"; sandbox-agent() { print -r -- "ran: $*" }\r');
    await terminal.until("ready> ");
    terminal.type(`sandbox-agent ${typed}\r`);
    await terminal.until(`ran: ${ran}\n`);
  });
});

describe("the line of docs/cli.md for", () => {
  const document = readFileSync(join(import.meta.dirname, "../../docs/cli.md"), "utf8");
  const lineFor = (shell: string) =>
    new RegExp(`^.*sandbox-agent completions ${shell}\\b.*$`, "m").exec(document)?.[0];

  it.each([
    [
      "bash",
      ["--norc", "-c"],
      "",
      "complete -p sandbox-agent",
      "complete -F _sandbox_agent sandbox-agent",
    ],
    [
      "zsh",
      ["-f", "-c"],
      "autoload -U compinit; compinit -u -D",
      'print "$_comps[sandbox-agent]"',
      "_sandbox_agent",
    ],
    [
      "fish",
      ["--no-config", "-c"],
      "",
      'complete -C "sandbox-agent daemon stat"',
      expect.stringMatching(/^status\t/),
    ],
  ])("%s completes commands", async (shell, args, before, asked, answer) => {
    const program = join(home.dir, "sandbox-agent");
    await writeFile(program, `#!/bin/sh\nexec ${shellCommand(tested)} "$@"\n`, {
      mode: 0o755,
    });
    const { stdout, stderr } = await execa(
      shell,
      [...args, [before, lineFor(shell), asked].join("\n")],
      {
        cwd: home.work,
        env: { ...home.env, PATH: `${home.dir}:${home.env["PATH"]}` },
        extendEnv: false,
        stdin: "ignore",
      },
    );
    expect({ stdout, stderr }).toEqual({ stdout: answer, stderr: "" });
  });
});
