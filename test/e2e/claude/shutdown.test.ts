import { access } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { assertWellFormed } from "../../support/conformance.ts";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { LiveSession } from "../../support/live-session.ts";
import { reply, tool } from "../../support/model-script.ts";
import { type ModelServer, startModelServer } from "../../support/model-server.ts";
import { expectNoProcesses, processesWith } from "../../support/processes.ts";
import { realClaude } from "../../support/real-claude.ts";
import { claudeEnv, type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";

const loop = "while true; do sleep 1; done";
// What a process session of its own keeps from those who look for descendants only.
const command = `setsid sh -c 'touch below.started; ${loop}' & ${loop}`;
const scripts = {
  family: [reply([tool("Bash", { command, description: "Start a family" })]), reply("Done.")],
};

async function start(home: TemporaryHome, model: ModelServer): Promise<Daemon> {
  const { installDir } = await realClaude();
  const args = ["--no-token", "--install-dir", installDir];
  return await startDaemon({ home, args, env: claudeEnv(model) });
}

/** A session in which a command runs, and a process which that has started and let go. */
async function startFamily(daemon: Daemon, home: TemporaryHome): Promise<LiveSession> {
  const session = await LiveSession.open(daemon.url, "family", { agent: "claude" });
  await session.send("go @@family@@");
  await session.reply("once");
  await expect.poll(() => access(join(home.work, "below.started"))).toBeUndefined();
  const commands = (await session.processes()).map((one) => one.command);
  expect(commands).toContainEqual(expect.stringContaining("--input-format"));
  expect(commands).toContainEqual(expect.stringMatching(/^sh -c/));
  return session;
}

it("leaves nothing and ends before its own deadline when it is stopped with open streams and running tools", async () => {
  await using home = await temporaryHome();
  await using model = await startModelServer({ scripts });
  await using daemon = await start(home, model);
  const session = await startFamily(daemon, home);
  // A daemon that reaches its deadline of 10 s exits with another code.
  expect(await daemon.stop(), daemon.stderr()).toEqual({ code: 0, signal: null });
  expect(daemon.stderr()).not.toContain("did not end in time");
  await expectNoProcesses(home.dir, { withinMs: 0 });
  await session.until("session.ended");
  assertWellFormed(session.events, { ended: true });
  await session.abandon();
});

it("leaves nothing once another daemon has started after it was killed", async () => {
  await using home = await temporaryHome();
  await using model = await startModelServer({ scripts });
  await using killed = await start(home, model);
  const session = await startFamily(killed, home);
  await killed.stop("SIGKILL");
  await session.abandon();
  // The agent itself goes with its daemon, without another one's help.
  await expect.poll(() => session.agentProcesses()).toEqual([]);
  await using next = await start(home, model);
  await expect.poll(() => session.processes()).toEqual([]);
  const living = (await processesWith(`HOME=${home.dir}`)).filter(({ pid }) => pid !== next.pid);
  expect(living.filter(({ command }) => !command.includes("guardian"))).toEqual([]);
  expect(await next.stop()).toEqual({ code: 0, signal: null });
  await expectNoProcesses(home.dir);
});
