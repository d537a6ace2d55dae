import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { version } from "../../src/version.ts";
import { startDaemon } from "../support/daemon.ts";
import { freePort } from "../support/free-port.ts";
import { post } from "../support/post-json.ts";
import { expectNoProcesses, processesWith } from "../support/processes.ts";
import { program, shellCommand } from "../support/program.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";
import { type Run, runMain } from "./main.ts";

const TOKEN = "s3cret-token";

let home: TemporaryHome;
let port: number;
let files: { pid: string; log: string; version: string };

beforeEach(async () => {
  home = await temporaryHome();
  onTestFinished(async () => {
    await daemon("stop");
    await expectNoProcesses(home.dir);
    await home[Symbol.asyncDispose]();
  });
  port = await freePort();
  const path = join(home.dir, `.local/share/sandbox-agent/daemon/daemon-127-0-0-1-${port}`);
  files = { pid: `${path}.pid`, log: `${path}.log`, version: `${path}.version` };
});

function daemon(
  command: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<Run> {
  return runMain(home, ["daemon", command, "--port", String(port), ...args], env);
}

async function pidOf(): Promise<number> {
  return Number((await readFile(files.pid, "utf8")).split("\n")[0]);
}

async function health(): Promise<unknown> {
  return await (await fetch(`http://127.0.0.1:${port}/v1/health`)).json();
}

it("files of a daemon are for its user alone, with any umask and also when they were there", async () => {
  const paths = Object.values(files);
  await mkdir(dirname(files.pid), { recursive: true });
  for (const path of paths) {
    await writeFile(path, "");
    await chmod(path, 0o666);
  }
  const command = shellCommand(program, "daemon", "start", "--no-token", "--port", `${port}`);
  const { exitCode } = await execa("/bin/sh", ["-c", `umask 000; ${command}`], {
    cwd: home.work,
    env: home.env,
    extendEnv: false,
    stdin: "ignore",
    reject: false,
  });
  expect(exitCode).toBe(0);
  const modes = await Promise.all(paths.map(async (path) => (await stat(path)).mode & 0o777));
  expect(modes).toEqual([0o600, 0o600, 0o600]);
});

it("start returns when the server answers, status tells of it, stop ends it", async () => {
  expect(await daemon("status")).toEqual({ exitCode: 0, stdout: "", stderr: "Daemon not running" });
  const started = await daemon("start", ["--no-token"]);
  expect(started).toMatchObject({ exitCode: 0, stdout: "" });
  expect(await health()).toEqual({ status: "ok" });
  const pid = await pidOf();
  expect(started.stderr).toBe(
    `sandbox-agent ${version} listens on http://127.0.0.1:${port} (PID ${pid}, logs: ${files.log})`,
  );
  expect(await daemon("status")).toEqual({
    exitCode: 0,
    stdout: "",
    stderr: `Daemon running (PID ${pid}, build ${version}, logs: ${files.log})`,
  });
  const again = await daemon("start", ["--no-token"]);
  expect(again).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("already") });
  expect(await pidOf()).toBe(pid);
  expect(await daemon("stop")).toEqual({ exitCode: 0, stdout: "", stderr: "Daemon stopped" });
  await expectNoProcesses(home.dir, { withinMs: 0 });
  expect(await readFile(files.log, "utf8")).toContain("stopping");
  expect(await daemon("stop")).toEqual({ exitCode: 0, stdout: "", stderr: "Daemon not running" });
});

it("the token is on no command line, and what is written is the user's alone", async () => {
  expect(await daemon("start", ["--token", TOKEN])).toMatchObject({ exitCode: 0 });
  const [server, ...others] = await processesWith(`HOME=${home.dir}`);
  expect(others).toEqual([]);
  expect(server?.command).toContain("server --host 127.0.0.1");
  expect(server?.command).not.toContain(TOKEN);
  expect((await fetch(`http://127.0.0.1:${port}/v1/agents`)).status).toBe(401);
  const headers = { authorization: `Bearer ${TOKEN}` };
  expect((await fetch(`http://127.0.0.1:${port}/v1/agents`, { headers })).status).toBe(200);
  expect((await stat(files.log)).mode & 0o777).toBe(0o600);
  expect((await stat(join(files.log, ".."))).mode & 0o777).toBe(0o700);
  for (const path of Object.values(files))
    expect(await readFile(path, "utf8")).not.toContain(TOKEN);
});

it("nobody is served without a token unless that is said", async () => {
  const { exitCode, stderr } = await daemon("start");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("--no-token");
  expect(await daemon("start", ["--port", "0", "--no-token"])).toMatchObject({ exitCode: 2 });
});

it("with --upgrade a server of another version is restarted, one of this version is not", async () => {
  await daemon("start", ["--no-token"]);
  const first = await pidOf();
  await daemon("start", ["--no-token", "--upgrade"]);
  expect(await pidOf()).toBe(first);
  await writeFile(files.version, "0.0.1\n");
  expect((await daemon("status")).stderr).toMatch(/build 0\.0\.1.*\[outdated, this is /);
  const kept = await daemon("start", ["--no-token"]);
  expect(kept.stderr).toMatch(
    /^sandbox-agent 0\.0\.1 answers at .* already; --upgrade replaces it by /,
  );
  expect(await pidOf()).toBe(first);
  const sessions = `http://127.0.0.1:${port}/v1/sessions`;
  for (const id of ["idle", "ended"]) await post(`${sessions}/${id}`, { agent: "mock" });
  await post(`${sessions}/ended/terminate`, {});
  await post(`${sessions}/waiting`, { agent: "mock" });
  await post(`${sessions}/waiting/messages`, { message: "permission" });
  const upgraded = await daemon("start", ["--no-token", "--upgrade"]);
  expect(upgraded).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining("ends 2 sessions, of which 1 running"),
  });
  expect(await pidOf()).not.toBe(first);
  expect(await health()).toEqual({ status: "ok" });
});

it("another process that has the pid by now is not taken for the server", async () => {
  await daemon("start", ["--no-token"]);
  await daemon("stop");
  await writeFile(files.pid, `${process.pid}\n1\n`);
  await writeFile(files.version, `${version}\n`);
  expect(await daemon("status")).toMatchObject({ stderr: "Daemon not running" });
  expect(await daemon("stop")).toMatchObject({ exitCode: 0, stderr: "Daemon not running" });
});

it("a server that was started otherwise is told of, and not stopped", async () => {
  await using other = await startDaemon({ home });
  port = Number(new URL(other.url).port);
  expect((await daemon("start", ["--no-token"])).stderr).toContain("already");
  expect((await daemon("status")).stderr).toContain("another server answers");
  expect(await daemon("stop")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("was not started by `daemon start`"),
  });
  expect(await other.stop()).toEqual({ code: 0, signal: null });
});

it("a server that does not start is told with what it said", async () => {
  const taken = createServer((asking) => void asking.on("error", () => {})).listen(
    port,
    "127.0.0.1",
  );
  await once(taken, "listening");
  onTestFinished(() => void taken.close());
  const { exitCode, stderr } = await daemon("start", ["--no-token"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^sandbox-agent: the server did not start; .*\.log says:\n[^]*EADDRINUSE/);
});
