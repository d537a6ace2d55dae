import { access } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { version } from "../../src/version.ts";
import { assertWellFormed } from "../support/conformance.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { LiveSession } from "../support/live-session.ts";
import { reply, tool } from "../support/model-script.ts";
import { type ModelServer, startModelServer } from "../support/model-server.ts";
import { expectNoProcesses, processesWith } from "../support/processes.ts";
import { realClaude } from "../support/real-claude.ts";
import { claudeEnv, type TemporaryHome, temporaryHome } from "../support/sandbox.ts";
import { openTerminal } from "../support/terminal.ts";
import { shippedEntry } from "./entry.ts";

const entry = shippedEntry();
const loop = "while true; do sleep 1; done";
const scripts = {
  create: [
    reply([tool("Bash", { command: "echo hello > hello.txt", description: "Create it" })]),
    reply("Done."),
  ],
  family: [
    reply([tool("Bash", { command: `setsid sh -c '${loop}' & ${loop}`, description: "Run" })]),
    reply("Done."),
  ],
};

async function start(
  home: TemporaryHome,
  model: ModelServer,
  env: Record<string, string> = {},
): Promise<Daemon> {
  const { installDir } = await realClaude();
  const args = ["--no-token", "--install-dir", installDir];
  return await startDaemon({ home, entry, args, env: { ...claudeEnv(model), ...env } });
}

/** A session of the real Claude Code in which a command runs that has let go of another process. */
async function startFamily(daemon: Daemon): Promise<LiveSession> {
  const session = await LiveSession.open(daemon.url, "family", { agent: "claude" });
  await session.send("go @@family@@");
  await session.reply("once");
  await expect
    .poll(async () => (await session.processes()).length, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(4);
  return session;
}

it("tells its version and its help", async () => {
  const run = async (arg: string) => execa(entry.file, [...entry.args, arg], { extendEnv: false });
  expect((await run("--version")).stdout).toBe(`sandbox-agent ${version}`);
  expect((await run("--help")).stdout).toContain("install-agent");
});

it("serves the API and its description, and holds a turn with the mock agent", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, entry });
  expect(await (await fetch(`${daemon.url}/v1/health`)).json()).toEqual({ status: "ok" });
  const description = await (await fetch(`${daemon.url}/openapi.json`)).json();
  expect(description).toMatchObject({ openapi: "3.1.0", info: { version } });
  const session = await LiveSession.open(daemon.url, "s", { agent: "mock" });
  expect(await session.run("hello")).toMatchObject({ status: "completed" });
  expect(session.said()).toEqual(["hello"]);
  assertWellFormed(session.events);
  await session.abandon();
});

it("runs a turn of the mock agent by itself, past a proxy that loopback has no use for", async () => {
  await using home = await temporaryHome();
  const { exitCode, stdout, stderr } = await execa(
    entry.file,
    [...entry.args, "run", "--agent", "mock", "hello"],
    {
      cwd: home.work,
      // Nobody listens there.
      env: { ...home.env, HTTP_PROXY: "http://127.0.0.1:1" },
      extendEnv: false,
      stdin: "ignore",
      reject: false,
    },
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^hello\n\ncompleted · \d\.\d s$/);
  await expectNoProcesses(home.dir);
});

it("runs a turn of the real Claude Code in a terminal, asks there, and is interrupted by Ctrl-C", async () => {
  await using home = await temporaryHome();
  await using model = await startModelServer({ scripts });
  const { installDir } = await realClaude();
  const args = ["run", "--agent", "claude", "--install-dir", installDir, "--offline"];
  const open = (prompt: string) =>
    openTerminal({ home, entry, args: [...args, prompt], env: claudeEnv(model) });
  {
    await using terminal = open("go @@create@@");
    await terminal.until("n(o): ");
    terminal.type("y\r");
    await terminal.until("completed");
    expect(await terminal.exited).toBe(0);
    await access(join(home.work, "hello.txt"));
  }
  await using terminal = open("go @@family@@");
  await terminal.until("n(o): ");
  terminal.type("y\r");
  await terminal.until("allowed");
  await expect
    .poll(async () => (await processesWith(`HOME=${home.dir}`)).length, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(5);
  terminal.type("\x03");
  await terminal.until("interrupted");
  expect(await terminal.exited).toBe(130);
  await expectNoProcesses(home.dir, { withinMs: 1000 });
});

it("serves in the background, is asked by its own commands, and stops", async () => {
  await using home = await temporaryHome();
  const run = (...args: string[]) =>
    execa(entry.file, [...entry.args, ...args], {
      cwd: home.work,
      env: { ...home.env, HTTP_PROXY: "http://127.0.0.1:1" },
      extendEnv: false,
      stdin: "ignore",
    });
  const port = String(20_000 + (process.pid % 10_000));
  const endpoint = `http://127.0.0.1:${port}`;
  expect((await run("daemon", "start", "--port", port, "--no-token")).stderr).toContain(endpoint);
  try {
    await run("api", "sessions", "create", "s", "--agent", "mock", "--endpoint", endpoint);
    const said = await run(
      "api",
      "sessions",
      "send-message-stream",
      "s",
      "-m",
      "hi",
      "-e",
      endpoint,
    );
    expect(said.stdout).toMatch(/^> hi\n\nhi\n\ncompleted/);
  } finally {
    expect((await run("daemon", "stop", "--port", port)).stderr).toBe("Daemon stopped");
  }
  await expectNoProcesses(home.dir);
});

it("logs readably where that is asked for", async () => {
  await using home = await temporaryHome();
  const args = ["--no-token", "--log-format", "pretty"];
  await using daemon = await startDaemon({ home, entry, args });
  await daemon.stop();
  expect(daemon.stderr()).toMatch(/INFO.*: stopping/);
});

it("stops when its standard input ends, where that is wanted", async () => {
  await using home = await temporaryHome();
  const args = [...entry.args, "server", "--no-token", "--port", "0"];
  const env = { ...home.env, SANDBOX_AGENT_STOP_WITH_STDIN: "1" };
  const daemon = execa(entry.file, args, { cwd: home.work, env, extendEnv: false });
  await once(daemon.stdout, "data");
  daemon.stdin.end();
  expect((await daemon).exitCode).toBe(0);
});

it("holds a turn with the real Claude Code in which a permission is answered", async () => {
  await using home = await temporaryHome();
  await using model = await startModelServer({ scripts });
  await using daemon = await start(home, model);
  const session = await LiveSession.open(daemon.url, "s", { agent: "claude" });
  const turn = await session.send("go @@create@@");
  await session.reply("once");
  expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
  await access(join(home.work, "hello.txt"));
  expect(session.said()).toEqual(["Done."]);
  await session.finish([]);
  expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  await expectNoProcesses(home.dir);
});

it("ends everything within 10 s at SIGTERM", async () => {
  await using home = await temporaryHome();
  await using model = await startModelServer({ scripts });
  await using daemon = await start(home, model);
  const session = await startFamily(daemon);
  const asked = performance.now();
  expect(await daemon.stop(), daemon.stderr()).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(10_000);
  await expectNoProcesses(home.dir, { withinMs: 0 });
  await session.abandon();
});

it("is followed by a daemon that sweeps what it left when it was killed", async () => {
  await using home = await temporaryHome();
  await using model = await startModelServer({ scripts });
  await using killed = await start(home, model);
  const session = await startFamily(killed);
  await killed.stop("SIGKILL");
  await session.abandon();
  await using _next = await start(home, model);
  await expect
    .poll(async () =>
      (await processesWith(`HOME=${home.dir}`)).filter(({ command }) => command.includes("sleep")),
    )
    .toEqual([]);
  await _next.stop();
  await expectNoProcesses(home.dir);
});

it("takes its children with it when it is killed where there is no setpriv: our own guardian ends them", async () => {
  await using home = await temporaryHome();
  await using model = await startModelServer({ scripts });
  // A PATH without setpriv; the agent's shell needs only what lies in it.
  const bin = join(home.dir, "bin");
  await execa("mkdir", ["-p", bin]);
  for (const name of ["sh", "bash", "sleep", "setsid", "cat", "env", "touch"]) {
    await execa("ln", ["-s", (await execa("which", [name])).stdout, join(bin, name)]);
  }
  await using killed = await start(home, model, { PATH: bin });
  const session = await startFamily(killed);
  await killed.stop("SIGKILL");
  await session.abandon();
  await expectNoProcesses(home.dir, { withinMs: 8000 });
});
