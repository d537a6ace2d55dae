import { chmod, chown, copyFile, cp, mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { startAmpServer } from "../../support/amp/server.ts";
import { AMP_KEY } from "../../support/amp-daemon.ts";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { LiveSession } from "../../support/live-session.ts";
import { reply, tool } from "../../support/model-script.ts";
import { isAlive } from "../../io/fixtures.ts";
import { realAgent } from "../../support/real-agents.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";
import { shippedEntry } from "../entry.ts";

/** `nobody` of Debian and Alpine. */
const NOBODY = 65_534;
const TOKEN = "token-of-this-test";
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];

/** Copies the executable to a folder that every user can enter, and gives the rest to `nobody`. */
async function openToAll(home: TemporaryHome): Promise<string> {
  const root = dirname(home.dir);
  await chmod(root, 0o755);
  for (const folder of [home.dir, home.work, home.env["TMPDIR"], home.env["XDG_RUNTIME_DIR"]]) {
    await chown(folder ?? "", NOBODY, NOBODY);
  }
  const file = join(root, "sandbox-agent");
  await copyFile(shippedEntry().file, file);
  await chmod(file, 0o755);
  return file;
}

/** Runs a shell command as `nobody`. */
async function asNobody(command: string): Promise<{ exitCode?: number; stderr: string }> {
  const options = { reject: false, cwd: "/", env: { LC_ALL: "C" } };
  return await execa("setpriv", [...AS_NOBODY, "sh", "-c", command], options);
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
}

it("a process of the daemon's own user cannot read its environment, memory or open files", async () => {
  await using home = await temporaryHome();
  const file = await openToAll(home);
  await using daemon = await startDaemon({
    home,
    args: [],
    env: { SANDBOX_AGENT_TOKEN: TOKEN },
    entry: { file: "/usr/bin/setpriv", args: [...AS_NOBODY, file] },
  });
  const { pid } = daemon;
  for (const secret of ["environ", "mem", "maps", "fd/0"]) {
    const { exitCode, stderr } = await asNobody(`head -c 1 /proc/${pid}/${secret}`);
    expect({ secret, exitCode, stderr }).toEqual({
      secret,
      exitCode: 1,
      stderr: expect.stringContaining("Permission denied"),
    });
  }
  // Readable for every process of the machine: what `ps` shows.
  expect((await asNobody(`head -c 1 /proc/${pid}/cmdline`)).exitCode).toBe(0);
  expect((await fetch(`${daemon.url}/v1/health`)).status).toBe(200);
});

/** A daemon that root starts, in which the real Amp runs as `nobody`. */
async function startAmpAsNobody(home: TemporaryHome, url: string): Promise<Daemon> {
  const file = await openToAll(home);
  const installDir = join(dirname(home.dir), "agents");
  const amp = await realAgent("amp");
  await cp(join(amp.installDir, "amp"), join(installDir, "amp"), {
    recursive: true,
    verbatimSymlinks: true,
  });
  return await startDaemon({
    home,
    args: ["--no-token", "--agent-user", "nobody", "--install-dir", installDir, "--offline"],
    env: { AMP_API_KEY: AMP_KEY, AMP_URL: url },
    entry: { file },
  });
}

const LOOK = [
  "id -u > uid.txt",
  "echo $HOME $USER > home.txt",
  "for f in environ mem fd/0; do head -c 1 /proc/${SBXA_OWNER%%:*}/$f 2>> denied.txt; done",
  // Leaves the group, the session and the environment of the agent behind.
  "env -u SBXA_OWNER setsid sh -c 'sleep 300 > /dev/null 2>&1 & echo $! > orphan.txt'",
].join("; ");

it("an agent that runs as another user asks the daemon and cannot read its memory", async () => {
  await using home = await temporaryHome();
  await using model = await startAmpServer({
    scripts: { look: [reply([tool("shell_command", { command: LOOK })]), reply("All done.")] },
  });
  await using daemon = await startAmpAsNobody(home, model.url);
  const directory = join(home.work, "project");
  await mkdir(directory);
  await chown(directory, NOBODY, NOBODY);
  const session = await LiveSession.open(daemon.url, "s", { agent: "amp", directory });
  const turn = await session.send("go @@look@@");
  await session.reply("once");
  expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
  const read = (name: string) => readFile(join(directory, name), "utf8");
  expect(await read("uid.txt")).toBe(`${NOBODY}\n`);
  expect(await read("home.txt")).toBe("/nonexistent nobody\n");
  expect((await read("denied.txt")).match(/Permission denied/g)).toHaveLength(3);
  expect((await stat(join(directory, "uid.txt"))).uid).toBe(NOBODY);
  const orphan = Number(await read("orphan.txt"));
  expect(await parentOf(orphan)).toBe(daemon.pid);
  await session.abandon();
  expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  expect(await isAlive(orphan)).toBe(false);
});

it.each([
  ["--agent-user", "no-such-user"],
  ["--agent-user", "root"],
  ["--agent-user", "0"],
])("server %s %s exits with 1 and one line", async (...args) => {
  await using home = await temporaryHome();
  const { file } = shippedEntry();
  const { exitCode, stderr } = await execa(file, ["server", "--no-token", ...args], {
    cwd: home.work,
    env: home.env,
    extendEnv: false,
    reject: false,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^sandbox-agent: .*--agent-user.*$/);
});
