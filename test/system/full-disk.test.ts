import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startAmp } from "../support/amp-daemon.ts";
import { startClaude } from "../support/claude-daemon.ts";
import { startCodex } from "../support/codex-daemon.ts";
import { mountDisk, mountFullDisk } from "../support/full-disk.ts";
import { startOpencode } from "../support/opencode-daemon.ts";
import { processesWith } from "../support/processes.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { expectUsable, StandInDaemon } from "../support/stand-in.ts";

const lost = /No conversation found with session ID/;

it("an agent that a full disk for its home brings down fails the turn, and the session goes on", async () => {
  await using place = await temporaryHome();
  await using disk = await mountFullDisk(join(place.dir, "full"));
  await using daemon = await StandInDaemon.start();
  await daemon.session(
    async (session) => {
      const [ended] = await Promise.all([session.run("turn/fill-home"), daemon.expectServing()]);
      expect(ended).toMatchObject({ status: "failed", error: { code: "process_exit" } });
      const [error] = session.of("error");
      expect(JSON.stringify(error?.data.details)).toContain("ENOSPC");
      await expectUsable(session);
    },
    { env: { HOME: disk.path } },
  );
});

it("the real Claude works on a full disk until its process is gone, and then says that it has kept nothing", async () => {
  await using place = await temporaryHome();
  await using disk = await mountFullDisk(join(place.dir, "full"));
  await using claude = await startClaude();
  await claude.session(
    async (session, directory) => {
      expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
      const turn = await session.send("go @@bash@@");
      await session.reply("once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.results()).toMatchObject([{ output: "hi-from-bash" }]);
      const [{ pid } = { pid: 0 }] = await session.agentProcesses();
      process.kill(pid, "SIGKILL");
      await expect.poll(() => session.agentProcesses()).toEqual([]);

      const message = expect.stringMatching(lost);
      expect(await session.run("hi @@text@@")).toMatchObject({
        status: "failed",
        error: { code: "process_start", message },
      });
      expect(session.of("error")).toMatchObject([{ data: { code: "process_start", message } }]);
      await session.until("session.ended");
      expect(session.of("session.ended")).toMatchObject([{ data: { reason: "error", message } }]);
      await expect(session.send("hello?")).rejects.toThrow(/500 .*agent_process_exited/);

      const healthy = { directory };
      await claude.session(async (other) => {
        expect(await other.run("hi @@text@@")).toMatchObject({ status: "completed" });
      }, healthy);
    },
    { env: { HOME: disk.path } },
  );
});

/** Large enough for what the server keeps. */
const ROOM_KIB = 64 * 1024;

async function killServers(home: string, word: string): Promise<void> {
  const found = await processesWith(`HOME=${home}`);
  const servers = found.filter(({ command }) => command.includes(word));
  for (const { pid } of servers) process.kill(pid, "SIGKILL");
  await expect.poll(() => servers.some(({ pid }) => existsSync(`/proc/${pid}`))).toBe(false);
}

it("the real Codex works on a disk that gets full until its process is gone, and then says what is wrong", async () => {
  await using codex = await startCodex();
  await using disk = await mountDisk(join(codex.home.dir, ".codex"), ROOM_KIB);
  await codex.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
    await disk.fill();
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
    await killServers(codex.home.dir, " app-server");
    const error = { message: expect.stringContaining("No space left on device") };
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "failed", error });
    expect(session.of("error")).toMatchObject([{ data: error }]);
  });
});

it("the real OpenCode fails the turns on a disk that gets full, and does not start again on it", async () => {
  await using opencode = await startOpencode();
  await using disk = await mountDisk(join(opencode.home.dir, ".local"), ROOM_KIB);
  await opencode.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
    await disk.fill();
    const error = { code: "api", message: expect.stringContaining("SqlError") };
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "failed", error });
    await killServers(opencode.home.dir, " serve ");
    expect(await session.run("hi @@text@@")).toMatchObject({
      status: "failed",
      error: { code: "process_start", message: expect.stringContaining("exit code 1") },
    });
    const [first, second] = session.of("error");
    expect(first).toMatchObject({ data: error });
    expect(JSON.stringify(second?.data.details)).toContain("Failed query");
  });
}, 120_000);

it.each([
  ["Codex", ".codex", () => startCodex()],
  ["OpenCode", ".local", () => startOpencode()],
] as const)(
  "the real %s that finds a full disk lets no session be created, and says why",
  async (_, folder, start) => {
    await using real = await start();
    await using _disk = await mountFullDisk(join(real.home.dir, folder));
    const created = real.session(() => Promise.reject(new Error("it was created")));
    await expect(created).rejects.toThrow(/exit code 1\).*database or disk is full/);
  },
);

it("the real Amp cannot be started on a full disk, says so, and can when there is room", async () => {
  await using amp = await startAmp();
  const folders = [".local", ".cache", ".config"].map((name) => join(amp.home.dir, name));
  await amp.session(async (session) => {
    {
      await using disks = new AsyncDisposableStack();
      for (const folder of folders) disks.use(await mountFullDisk(folder));
      const error = { code: "process_start", message: expect.stringContaining("exit code 1") };
      for (const message of ["hi @@text@@", "and now @@text@@"]) {
        expect(await session.run(message)).toMatchObject({ status: "failed", error });
        expect(session.of("error").at(-1)).toMatchObject({ data: error });
      }
    }
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
  });
});
