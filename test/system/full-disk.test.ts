import { join } from "node:path";
import { expect, it } from "vitest";
import { startClaude } from "../support/claude-daemon.ts";
import { mountFullDisk } from "../support/full-disk.ts";
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
      await expect.poll(() => session.agentProcesses(), { timeout: 5000 }).toEqual([]);

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
