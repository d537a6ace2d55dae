import { chmod, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { startDaemon, type Daemon } from "../support/daemon.ts";
import { post } from "../support/post-json.ts";
import { expectNoProcesses, processesWith } from "../support/processes.ts";
import { program } from "../support/program.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";
import { collectAll, collectUntil, readSse } from "../support/sse.ts";

describe("a server that is told to stop", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "by %s ends its sessions and open streams, and exits with 0",
    async (signal) => {
      await using home = await temporaryHome();
      await using daemon = await startDaemon({ home });
      await post(`${daemon.url}/v1/sessions/s`, { agent: "mock" });
      const frames = readSse(`${daemon.url}/v1/sessions/s/events/sse`);
      const { value: first } = await frames.next();
      expect(first?.data).toContain('"session.started"');
      const turn = readSse(`${daemon.url}/v1/sessions/s/messages/stream`, {
        method: "POST",
        body: { message: "hello" },
      });
      await collectUntil(turn, ({ data }) => data?.includes('"turn.started"') === true);
      const reading = collectAll(frames);
      expect(await daemon.stop(signal)).toEqual({ code: 0, signal: null });
      const [turnEnded, sessionEnded] = (await reading).slice(-2).map(({ data = "" }) => data);
      expect(turnEnded).toContain('"turn.ended"');
      expect(sessionEnded).toContain('"session.ended"');
    },
  );

  it("ends an agent that does not listen to it before its own deadline", async () => {
    await using home = await temporaryHome();
    await using daemon = await startWithStubbornAgent(home);
    // A daemon that reaches its deadline of 10 s exits with another code.
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    expect(daemon.stderr()).not.toContain("did not end in time");
    await expectNoProcesses(home.dir, { withinMs: 0 });
  });

  it("by the end of its standard input, where that is wanted, does the same", async () => {
    await using home = await temporaryHome();
    const args = [...program.args, "server", "--no-token", "--port", "0"];
    const child = execa(program.file, args, {
      cwd: home.work,
      env: { ...home.env, SANDBOX_AGENT_STOP_WITH_STDIN: "1" },
      extendEnv: false,
    });
    await once(child.stdout, "data");
    child.stdin.end();
    expect(await child).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('"cause":"stdin"'),
    });
    await expectNoProcesses(home.dir, { withinMs: 0 });
  });

  it("a second time ends at once, and so do its agents", async () => {
    await using home = await temporaryHome();
    await using daemon = await startWithStubbornAgent(home);
    process.kill(daemon.pid, "SIGTERM");
    await expect.poll(() => daemon.stderr()).toContain("stopping");
    process.kill(daemon.pid, "SIGINT");
    expect(await daemon.exited).toEqual({ code: 130, signal: null });
    await expectNoProcesses(home.dir);
  });
});

/** A daemon with a session whose agent neither answers nor ends when asked to. */
async function startWithStubbornAgent(home: TemporaryHome): Promise<Daemon> {
  const path = join(home.dir, "claude");
  const source = `#!/bin/sh
case "$*" in *--version*) echo "9.9.9 (Claude Code)"; exit;; esac
trap "" TERM INT HUP
touch "$HOME/started"
while true; do sleep 1; done
`;
  await writeFile(path, source);
  await chmod(path, 0o755);
  const daemon = await startDaemon({
    home,
    args: ["--no-token", "--offline"],
    env: { PATH: `${home.dir}:${home.env["PATH"]}`, ANTHROPIC_API_KEY: "sk-ant-dummy" },
  });
  await post(`${daemon.url}/v1/sessions/s`, { agent: "claude" });
  await post(`${daemon.url}/v1/sessions/s/messages`, { message: "hello" });
  const running = async () => (await processesWith(`HOME=${home.dir}`)).map((one) => one.command);
  await expect.poll(running).toContainEqual(expect.stringContaining(path));
  return daemon;
}
