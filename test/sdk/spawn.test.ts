import { once } from "node:events";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import type { SandboxAgentSpawnOptions } from "../../src/index.ts";
import { SandboxAgent as BrowserSandboxAgent } from "../../src/browser.ts";
import { repository } from "../repo/files.ts";
import { expectNoProcesses, processesWith } from "../support/processes.ts";
import { type TemporaryHome, temporaryHome } from "../support/sandbox.ts";
import { compileCacheEnv } from "../support/program.ts";

const program = fileURLToPath(new URL("../fixtures/bin/embeds-daemon.ts", import.meta.url));
const main = join(repository, "src/main.ts");
const runtimes = {
  node: process.execPath,
  bun: join(repository, "node_modules/.bin/bun"),
};

interface Embedding {
  runtime?: keyof typeof runtimes;
  ending?: string;
  spawn?: SandboxAgentSpawnOptions | boolean;
  env?: Record<string, string>;
}

/** Starts the program with nothing but a home in its environment, and the cache of what Node compiles. */
function embed(home: TemporaryHome, { runtime = "node", ending, spawn, env }: Embedding) {
  const options = JSON.stringify(spawn ?? { log: "silent" });
  return execa(runtimes[runtime], [program, ending ?? "waits", options], {
    cwd: home.work,
    env: { ...home.env, ...compileCacheEnv, ...env },
    extendEnv: false,
    reject: false,
    timeout: 60_000,
  });
}

async function firstLine(running: ReturnType<typeof embed>): Promise<string> {
  const [said] = (await once(running.stdout, "data")) as [Buffer];
  return said.toString();
}

/** An executable that does what a script says. */
async function script(home: TemporaryHome, name: string, text: string): Promise<string> {
  const path = join(home.dir, name);
  await writeFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

describe.each(["node", "bun"] as const)("a daemon that a program in %s has started", (runtime) => {
  it.each([
    ["disposes", { exitCode: 0 }],
    ["exits", { exitCode: 7 }],
    ["throws", { exitCode: 1 }],
  ])("ends when the program %s, and so does the program", async (ending, how) => {
    await using home = await temporaryHome();
    const ended = await embed(home, { runtime, ending });
    expect(ended.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+ has 5 agents$/);
    expect(ended).toMatchObject(how);
    await expectNoProcesses(home.dir);
  });

  it.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)(
    "ends when the program is ended by %s, which ends the program as ever",
    async (signal) => {
      await using home = await temporaryHome();
      const running = embed(home, { runtime });
      await firstLine(running);
      running.kill(signal);
      expect((await running).signal).toBe(signal);
      await expectNoProcesses(home.dir);
    },
  );

  it("serves on while the program does what it wants to do at a signal", async () => {
    await using home = await temporaryHome();
    const running = embed(home, { runtime, ending: "listens" });
    await firstLine(running);
    running.kill("SIGTERM");
    expect(await running).toMatchObject({
      stdout: expect.stringMatching(/at last: ok$/),
      exitCode: 3,
    });
    await expectNoProcesses(home.dir);
  });
});

it("the token is in the daemon's environment, and in no command line", async () => {
  await using home = await temporaryHome();
  const running = embed(home, {});
  await firstLine(running);
  const daemon = (await processesWith(`HOME=${home.dir}`)).find(({ command }) =>
    command.includes(main),
  );
  const environ = await readFile(`/proc/${daemon?.pid}/environ`, "utf8");
  const [, secret = ""] = /\0SANDBOX_AGENT_TOKEN=([0-9a-f]{48})\0/.exec(environ) ?? [];
  expect(secret).not.toBe("");
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  expect(commands.filter((command) => command.includes(secret))).toEqual([]);
  running.kill();
  await running;
  await expectNoProcesses(home.dir);
});

it.each<[string, Embedding, string | RegExp]>([
  ["is false", { spawn: false }, "SandboxAgent.start requires spawn to be enabled."],
  ["is off", { spawn: { enabled: false } }, "SandboxAgent.start requires spawn to be enabled."],
  [
    "names nothing",
    { spawn: { binaryPath: "/nowhere" } },
    /^sandbox-agent binary not found\. .*\/nowhere/,
  ],
  [
    "names a program that ends",
    { spawn: { binaryPath: "/bin/false", log: "pipe" } },
    "sandbox-agent exited before becoming healthy. It ended with code 1.",
  ],
  [
    "asks for what the daemon refuses",
    { spawn: { port: 70_000, log: "silent" } },
    /^sandbox-agent exited before becoming healthy\. .* code 2\..*65535/s,
  ],
  [
    "names a program that says nothing",
    { spawn: { binaryPath: "HOME/silent", timeoutMs: 300 } },
    "Timed out waiting for sandbox-agent health (it has not told yet where it listens).",
  ],
  [
    "names a program that is not where it says",
    { spawn: { binaryPath: "HOME/liar", timeoutMs: 600 } },
    /^Timed out waiting for sandbox-agent health \(http:\/\/127\.0\.0\.1:1: /,
  ],
])("start() says what is wrong where `spawn` %s, and leaves nothing", async (_, given, said) => {
  await using home = await temporaryHome();
  await script(home, "silent", "exec sleep 60");
  await script(home, "liar", "echo listens on http://127.0.0.1:1; exec sleep 60");
  const spawn = JSON.parse(JSON.stringify(given.spawn).replace("HOME", home.dir));
  const { stdout, exitCode } = await embed(home, { spawn });
  if (typeof said === "string") expect(stdout).toBe(said);
  else expect(stdout).toMatch(said);
  expect(exitCode).toBe(1);
  await expectNoProcesses(home.dir);
});

it("a port that is taken is told of", async () => {
  await using home = await temporaryHome();
  const running = embed(home, {});
  const [, port] = /:(\d+) /.exec(await firstLine(running)) ?? [];
  const { stdout } = await embed(home, { spawn: { port: Number(port), log: "silent" } });
  expect(stdout).toMatch(/^sandbox-agent exited before becoming healthy\. .*EADDRINUSE/s);
  running.kill();
  await running;
  await expectNoProcesses(home.dir);
});

it.each<[string, Embedding, boolean]>([
  ["binaryPath before all", { spawn: { binaryPath: "HOME/wrapper", log: "silent" } }, true],
  ["SANDBOX_AGENT_BIN", { env: { SANDBOX_AGENT_BIN: "HOME/wrapper" } }, true],
  [
    "SANDBOX_AGENT_BIN not where it names nothing",
    { env: { SANDBOX_AGENT_BIN: "HOME/no" } },
    false,
  ],
  ["the package's own before PATH", { env: { PATH: "HOME:/usr/bin:/bin" } }, false],
])("the executable is looked up: %s", async (_, given, isWrapped) => {
  await using home = await temporaryHome();
  const marker = join(home.dir, "called");
  const wrapper = await script(
    home,
    "wrapper",
    `echo "$@" > ${marker}; exec ${process.execPath} ${main} "$@"`,
  );
  await script(home, "sandbox-agent", `exec ${wrapper} "$@"`);
  const embedding = JSON.parse(JSON.stringify(given).replaceAll("HOME", home.dir)) as Embedding;
  const { stdout } = await embed(home, { ending: "disposes", ...embedding });
  expect(stdout).toContain("has 5 agents");
  expect(await readFile(marker, "utf8").catch(() => "")).toBe(
    isWrapped ? "server --host 127.0.0.1 --port 0\n" : "",
  );
  await expectNoProcesses(home.dir);
});

it.each([
  ["inherit", /"msg":"stopping"/],
  ["pipe", /^$/],
  ["silent", /^$/],
] as const)("log %s: what the daemon logs is where it belongs", async (log, stderr) => {
  await using home = await temporaryHome();
  const ended = await embed(home, { ending: "disposes", spawn: { log, env: { LC_ALL: "C" } } });
  expect(ended.stderr).toMatch(stderr);
  expect(ended.stdout.split("\n")).toHaveLength(1);
  await expectNoProcesses(home.dir);
});

it("a daemon that is disposed of more than once is told to end once, and ends in its own time", async () => {
  await using home = await temporaryHome();
  const exit = join(home.dir, "exit");
  // A second signal would end it at once, with code 130.
  const binaryPath = await script(
    home,
    "wrapper",
    `${process.execPath} ${main} "$@" <&0 & trap "kill $!" TERM
     while kill -0 $!; do wait $!; code=$?; done; echo $code > ${exit}`,
  );
  await embed(home, { ending: "disposes", spawn: { binaryPath, log: "silent" } });
  expect(await readFile(exit, "utf8")).toBe("0\n");
});

it("in a browser there is nothing to start", async () => {
  await expect(BrowserSandboxAgent.start()).rejects.toThrow(
    "Autospawn requires a Node.js runtime.",
  );
  const client = await BrowserSandboxAgent.connect({ baseUrl: "http://127.0.0.1:1/" });
  expect(client.baseUrl).toBe("http://127.0.0.1:1");
});
