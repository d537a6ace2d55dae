import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";
import { runMain } from "./main.ts";

let home: TemporaryHome;
let script: string;

beforeAll(async () => {
  home = await temporaryHome();
  const { exitCode, stdout, stderr } = await runMain(home, ["completions", "bash"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  script = stdout;
  await writeFile(join(home.dir, "completions.bash"), script);
  await writeFile(join(home.work, "notes.txt"), "");
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

const complete = `
  source "$HOME/completions.bash"
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  _sandbox_agent
  printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** What bash offers for the last of these words. */
async function offeredAfter(words: string[]): Promise<string[]> {
  const { stdout, stderr } = await execa(
    "bash",
    ["--norc", "-c", complete, "bash", "sandbox-agent", ...words],
    { cwd: home.work, env: home.env, extendEnv: false, stdin: "ignore" },
  );
  expect(stderr).toBe("");
  return stdout.split("\n").filter((word) => word !== "");
}

it("bash completes sandbox-agent by the function in the script", () => {
  expect(script.trimEnd().split("\n").at(-1)).toBe("complete -F _sandbox_agent sandbox-agent");
});

it.each([
  [["ap"], ["api"]],
  [["s"], ["server"]],
  [
    ["api", ""],
    ["agents", "sessions"],
  ],
  [
    ["api", "sessions", "re"],
    ["reply-question", "reject-question", "reply-permission"],
  ],
  [["api", "sessions", "get-"], ["get-messages"]],
  [
    ["daemon", "st"],
    ["start", "stop", "status"],
  ],
  [
    ["completions", ""],
    ["bash", "zsh", "fish"],
  ],
  [["completions", "bash", ""], []],
  [
    ["install-agent", "a"],
    ["amp", "all"],
  ],
  [["api", "agents", "install", "a"], ["amp"]],
  [
    ["run", "--agent", "c"],
    ["claude", "codex"],
  ],
  [["run", "-a", "o"], ["opencode"]],
  [
    ["run", "--agent", "claude", "--permissions", ""],
    ["ask", "allow", "reject"],
  ],
  [["run", "--permissions", "=", "re"], ["reject"]],
  [
    ["run", "--permissions", "="],
    ["ask", "allow", "reject"],
  ],
  [["server", "--log-f"], ["--log-format"]],
  [
    ["server", "--log-format", ""],
    ["json", "pretty"],
  ],
  [["--token", "server", "dae"], ["daemon"]],
  [
    ["--token", "server", "daemon", "sta"],
    ["start", "status"],
  ],
  [["api", "sessions", "create", "id", "--agent", "m"], ["mock"]],
  [
    ["api", "sessions", "reply-permission", "s", "p", "--reply", ""],
    ["once", "always", "reject"],
  ],
  [["run", "--attach", "no"], ["notes.txt"]],
  [["server", "--host", ""], []],
  [["guard"], []],
  [["run", "--agent", "claude", "server", ""], []],
])("after %j bash offers %j", async (words, offered) => {
  expect((await offeredAfter(words)).toSorted()).toEqual(offered.toSorted());
});
