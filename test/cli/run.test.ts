import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { UniversalEvent } from "../../src/schema/event.ts";
import { expectNoProcesses } from "../support/processes.ts";
import { program, shellCommand } from "../support/program.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";
import { runMain } from "./main.ts";

let home: TemporaryHome;

beforeAll(async () => {
  home = await temporaryHome();
});

afterAll(async () => {
  await expectNoProcesses(home.dir);
  expect(await readdir(home.env["TMPDIR"] ?? "")).toEqual([]);
  await home[Symbol.asyncDispose]();
});

function run(args: readonly string[], input?: string) {
  return execa(program.file, [...program.args, "run", ...args], {
    cwd: home.work,
    env: home.env,
    extendEnv: false,
    ...(input === undefined ? { stdin: "ignore" } : { input }),
    reject: false,
  });
}

async function events(args: readonly string[]): Promise<UniversalEvent[]> {
  const { exitCode, stdout, stderr } = await run([...args, "--json"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.split("\n").map((line) => JSON.parse(line) as UniversalEvent);
}

/** How each request of a turn ended. */
function resolved(all: UniversalEvent[]): unknown[] {
  return all.flatMap(({ type, data }) =>
    type === "permission.resolved" || type === "question.resolved" ? [data.status] : [],
  );
}

it("a turn is shown readably, and the exit code is 0", async () => {
  const { exitCode, stdout, stderr } = await run(["-a", "mock", "hello"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^hello\n\ncompleted · \d\.\d s$/);
});

it.each([["without a prompt"], ["with -", "-"]])("%s it is read from stdin", async (_, ...args) => {
  const { exitCode, stdout } = await run(["-a", "mock", ...args], "echo from stdin\n");
  expect(stdout).toContain("from stdin\n\ncompleted");
  expect(exitCode).toBe(0);
});

it("with --json every event of the turn is a line, and nothing else is printed", async () => {
  const types = (await events(["-a", "mock", "hello"])).map(({ type }) => type);
  expect([types[0], types.at(-1)]).toEqual(["turn.started", "turn.ended"]);
});

it("the session is made as the options say, and the prompt has its files", async () => {
  await writeFile(join(home.work, "note.txt"), "note");
  const options = [
    "-g",
    "plan",
    "-p",
    "bypass",
    "-m",
    "mock",
    "--directory",
    "..",
    "--attach",
    "note.txt",
  ];
  const [, said] = await events(["-a", "mock", ...options, "hello"]);
  expect(JSON.stringify(said)).toContain(join(home.work, "note.txt"));
});

it.each([
  ["without a terminal everything is rejected", [], ["reject", "reject"]],
  ["with --permissions reject too", ["--permissions", "reject"], ["reject", "reject"]],
  ["with --permissions allow it is allowed once", ["--permissions", "allow"], ["accept", "accept"]],
])("%s", async (_, options, statuses) => {
  expect(resolved(await events(["-a", "mock", ...options, "permission"]))).toEqual(statuses);
});

it("questions are answered by --answer, the others are not", async () => {
  const all = await events(["-a", "mock", "--answer", "Blue", "--answer", "Green", "question"]);
  expect(resolved(all)).toEqual(["answered", "rejected"]);
});

it.each([
  [["run", "hello"], "--agent"],
  [["run", "-a", "mock", "--permissions", "perhaps", "hello"], "ask, allow, reject"],
  [["run", "-a", "mock", "--permissions", "ask", "hello"], "terminal"],
])("%j is a usage error", async (args, said) => {
  const { exitCode, stdout, stderr } = await runMain(home, args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain(said);
});

it.each([
  [["-a", "nobody", "hello"], "unsupported agent: nobody"],
  [["-a", "claude", "--offline", "hello"], "offline"],
  [["-a", "mock", "-g", "nothing", "hello"], "Mode Not Supported"],
  [["-a", "mock", "--directory", "/nowhere", "hello"], "/nowhere"],
])("%j fails with one line on stderr and exit code 1", async (args, said) => {
  const { exitCode, stdout, stderr } = await run(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(/^sandbox-agent: .+$/);
  expect(stderr).toContain(said);
});

it("a turn that fails is shown, and the exit code is 1", async () => {
  const path = join(home.dir, "broken");
  await writeFile(
    path,
    "#!/bin/sh\ncase \"$*\" in *--version*) echo '2.1.330 (Claude Code)';; *) exit 3;; esac\n",
    { mode: 0o755 },
  );
  await execa("mkdir", ["-p", join(home.dir, "bin")]);
  await execa("ln", ["-sf", path, join(home.dir, "bin/claude")]);
  const { exitCode, stdout } = await execa(
    program.file,
    [...program.args, "run", "-a", "claude", "--offline", "hi"],
    {
      cwd: home.work,
      env: {
        ...home.env,
        PATH: `${home.dir}/bin:${home.env["PATH"]}`,
        ANTHROPIC_API_KEY: "sk-ant-dummy",
      },
      extendEnv: false,
      stdin: "ignore",
      reject: false,
    },
  );
  expect(stdout).toContain("error (process_start)");
  expect(stdout).toMatch(/\nfailed · \d/);
  expect(exitCode).toBe(1);
});

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s interrupts the turn, and the exit code is %i", async (signal, code) => {
  const child = run(["-a", "mock", "demo"]);
  for await (const line of child.iterable()) if (line !== "") child.kill(signal);
  const { exitCode, stdout, stderr } = await child;
  expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: "" });
  expect(stdout).toMatch(/interrupted · \d\.\d s$/);
});

it("a reader who leaves ends it quietly with 141", async () => {
  const script = `${shellCommand(program)} run -a mock demo | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await execa("bash", ["-c", script], {
    env: home.env,
    extendEnv: false,
  });
  expect({ stdout, stderr }).toEqual({ stdout: "Next: a system message.\n141", stderr: "" });
});
