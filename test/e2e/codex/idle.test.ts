import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CodexDaemon, startCodex } from "../../support/codex-daemon.ts";
import { IdleMarker } from "../../support/idle-marker.ts";
import { hold, reply, text, tool } from "../../support/model-script.ts";
import { processesWith } from "../../support/processes.ts";
import { serverStatus } from "../../support/server-status.ts";

const IDLE_MS = 300;
const parts = new AsyncDisposableStack();
let marker: IdleMarker;
let codex: CodexDaemon;

beforeAll(async () => {
  marker = parts.use(await IdleMarker.create("codex"));
  const { installDir } = marker;
  codex = parts.use(await startCodex({ installDir, args: ["--agent-idle", `${IDLE_MS}ms`] }));
});

afterAll(() => parts.disposeAsync());

async function servers() {
  const found = await processesWith(`HOME=${codex.home.dir}`);
  return found.filter(({ command }) => command.includes("app-server"));
}

/** Waits until the server has been let go. */
async function untilReleased(): Promise<void> {
  await expect.poll(servers).toEqual([]);
  const status = await serverStatus(codex.daemon.url, "codex");
  expect(status).toMatchObject({ status: "stopped", restartCount: 0 });
}

/** The server's process after the release of a process that became idle later. */
async function afterIdle(): Promise<number[]> {
  await marker.released(codex.daemon);
  return (await servers()).map(({ pid }) => pid);
}

describe("an idle server", () => {
  it("ends, and the next message goes on with the same conversation; usage adds up", () =>
    codex.session(async (session) => {
      await session.run("remember me @@text@@");
      await untilReleased();
      const before = await session.info();
      expect(before).toMatchObject({ status: "idle", ended: false });
      expect(await session.run("go on @@text@@")).toMatchObject({ status: "completed" });
      const { usage, nativeSessionId } = await session.info();
      expect(nativeSessionId).toBe(before.nativeSessionId);
      const seen = JSON.stringify(codex.model.requests.at(-1)?.body);
      expect(seen).toContain("remember me @@text@@");

      const [first, second] = session.of("turn.ended").map(({ data }) => data.metadata.usage);
      expect(second?.total_tokens).toBe(first?.total_tokens);
      expect(usage.total_tokens).toBe(2 * (first?.total_tokens ?? 0));
      expect(session.of("error")).toEqual([]);
      expect(await serverStatus(codex.daemon.url, "codex")).toMatchObject({
        status: "running",
        restartCount: 0,
      });
    }));

  it("is met by new sessions and by messages of two at any moment of its leaving", () =>
    codex.session(async (one) => {
      for (const spare of [-10, 0, 5, 15]) {
        await codex.session(async (other) => {
          const ends = await Promise.all([one.run("hi @@text@@"), other.run("hi @@text@@")]);
          expect(ends).toMatchObject([{ status: "completed" }, { status: "completed" }]);
        });
        // The moment of the next message is the stimulus.
        await sleep(IDLE_MS + spare);
      }
      expect(one.of("error")).toEqual([]);
    }));

  it("ends before the first message and after the last one; its sessions end without a server", () =>
    codex.session(async (session) => {
      await untilReleased();
      expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
      expect(await session.run("again @@text@@")).toMatchObject({ status: "completed" });
      expect(session.of("error")).toEqual([]);
      await untilReleased();
      await session.terminate();
      await session.terminate();
      expect(await servers()).toEqual([]);
    }));
});

describe("a server that has something left to do", () => {
  it("stays for a running turn, also of another session than the one that rests", () =>
    codex.session(async (session) => {
      codex.model.script("stays", [reply([text("Starting "), hold("stays")])]);
      const turn = await session.send("go @@stays@@");
      await codex.model.reached("stays");
      await codex.session(async (other) => {
        await other.run("hi @@text@@");
        expect(await afterIdle()).toHaveLength(1);
      });
      codex.model.release("stays");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      await untilReleased();
    }));

  it("stays while a permission is open, and ends after the turn", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@bash@@");
      const asked = await session.permission();
      expect(await afterIdle()).toHaveLength(1);
      await session.replyTo(asked, "once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      await untilReleased();
    }));

  it("stays while a command runs in the background, and ends after it", () =>
    codex.session(async (session, directory) => {
      const cmd = "until [ -e stop ]; do sleep 0.1; done";
      codex.model.script("await", [
        reply([tool("exec_command", { cmd, yield_time_ms: 300 })]),
        reply("Launched."),
      ]);
      const turn = await session.send("go @@await@@");
      await session.reply("once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(await afterIdle()).toHaveLength(1);
      await writeFile(`${directory}/stop`, "");
      await untilReleased();
    }));

  it("stays while a subagent works, and ends after it", () =>
    codex.session(async (session) => {
      codex.model.script("below", [reply([text("Below "), hold("below")])]);
      codex.model.script("leave", ({ body }) => {
        const message = "Work @@below@@";
        const spawn = JSON.stringify(body).includes("multi_agent_v1")
          ? tool("multi_agent_v1.spawn_agent", { message })
          : tool("collaboration.spawn_agent", { task_name: "w", message, fork_turns: "none" });
        return [reply([spawn]), reply("It works.")];
      });
      expect(await session.run("go @@leave@@")).toMatchObject({ status: "completed" });
      await codex.model.reached("below");
      expect(await afterIdle()).toHaveLength(1);
      codex.model.release("below");
      await untilReleased();
    }));
});

it("--agent-idle 0 keeps a server for ever", async () => {
  await using patient = await startCodex({ args: ["--agent-idle", "0"] });
  await patient.session(async (session) => {
    await session.run("hi @@text@@");
    await marker.released(codex.daemon);
    expect(await serverStatus(patient.daemon.url, "codex")).toMatchObject({ status: "running" });
  });
});
