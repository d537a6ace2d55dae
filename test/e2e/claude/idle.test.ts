import { glob, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import { IdleMarker } from "../../support/idle-marker.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { reply, tool } from "../../support/model-script.ts";
import { shareSession } from "../../support/shared-session.ts";

const IDLE_MS = 300;
const parts = new AsyncDisposableStack();
let marker: IdleMarker;
let claude: ClaudeDaemon;

beforeAll(async () => {
  marker = parts.use(await IdleMarker.create("claude"));
  const { installDir } = marker;
  claude = parts.use(await startClaude({ installDir, args: ["--agent-idle", `${IDLE_MS}ms`] }));
});

afterAll(() => parts.disposeAsync());

/** Waits until the agent's process has been let go. */
async function untilReleased(session: LiveSession): Promise<void> {
  await expect.poll(() => session.agentProcesses()).toEqual([]);
}

/** Returns true if the process outlives a process that became idle later. */
async function outlivesIdle(session: LiveSession): Promise<boolean> {
  await marker.released(claude.daemon);
  return (await session.agentProcesses()).length === 1;
}

describe("an idle process", () => {
  const shared = shareSession(() => claude);

  it("ends, and the next message goes on with the same conversation; cost and usage add up", async () => {
    const { session } = shared;
    await session.run("remember me @@text@@");
    await session.run("and me @@think@@");
    await untilReleased(session);
    const before = await session.info();
    expect(before).toMatchObject({ status: "idle", ended: false });
    expect(await session.run("go on @@text@@")).toMatchObject({ status: "completed" });
    const { usage, nativeSessionId } = await session.info();
    expect(nativeSessionId).toBe(before.nativeSessionId);
    const { body } = claude.model.requests.at(-1) ?? {};
    expect(JSON.stringify(body?.messages)).toContain("remember me @@text@@");

    const turns = session.of("turn.ended").map(({ data }) => data.metadata.usage);
    expect(turns.map((turn) => turn?.total_tokens)).toEqual([192, 192, 192]);
    expect(usage).toMatchObject({ input_tokens: 450, output_tokens: 126, total_tokens: 576 });
    const last = (await session.raw()).findLast(({ type }) => type === "turn.ended")?.raw;
    const total_cost_usd = expect.closeTo(usage.cost_usd ?? 0, 10);
    expect(last).toMatchObject({ type: "result", total_cost_usd });
    expect(session.of("error")).toEqual([]);
    expect(session.events.filter(({ type }) => type === "session.ended")).toEqual([]);
  });

  it("is followed by one in the permission mode that the last has come to", () =>
    claude.session(
      async (session) => {
        const turn = await session.send("go @@plan@@");
        await session.answer([["approve"]]);
        await session.turnEnded(turn);
        await untilReleased(session);
        const again = await session.send("now @@bash@@");
        await session.reply("once");
        expect(await session.turnEnded(again)).toMatchObject({ status: "completed" });
        expect(session.results().at(-1)).toMatchObject({ output: "hi-from-bash" });
      },
      { permissionMode: "plan" },
    ));

  it("whose record is gone ends the session with a clear error", () =>
    claude.session(async (session) => {
      await session.run("hi @@text@@");
      await untilReleased(session);
      const { nativeSessionId } = await session.info();
      const records = `${claude.home.dir}/.claude/projects/*/${nativeSessionId}*`;
      for await (const record of glob(records)) await rm(record, { recursive: true });
      const turn = await session.send("hi again @@text@@");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "failed" });
      const { data } = await session.until("session.ended");
      expect(data).toMatchObject({
        reason: "error",
        terminated_by: "agent",
        message: expect.stringContaining("No conversation found"),
      });
      expect(await session.info()).toMatchObject({ status: "ended", ended: true });
      await expect(session.send("hello?")).rejects.toThrow("agent process exited: claude");
    }));
});

describe("a process that has something left to do", () => {
  it("stays while a command runs in the background, and ends after it", () =>
    claude.session(async (session, directory) => {
      const command = "until [ -e stop ]; do sleep 0.1; done";
      claude.model.script("await", [
        reply([tool("Bash", { command, description: "Wait", run_in_background: true })]),
        reply("Launched."),
      ]);
      await session.run("go @@await@@");
      expect(await outlivesIdle(session)).toBe(true);
      await writeFile(`${directory}/stop`, "");
      await session.until("turn.started", ({ data }) => data.metadata?.origin === "agent");
      await untilReleased(session);
    }));

  it("stays while a permission is open, and ends after the answer", () =>
    claude.session(async (session) => {
      const turn = await session.send("go @@subagentbackgroundwrite@@");
      const asked = await session.permission();
      await session.turnEnded(turn);
      expect(await outlivesIdle(session)).toBe(true);
      await session.replyTo(asked, "reject");
      await untilReleased(session);
    }));

  it("stays while something is scheduled that it would forget, and ends when that is called off", () =>
    claude.session(async (session) => {
      claude.model.script("schedule", [
        reply([tool("CronCreate", { cron: "0 0 1 1 *", prompt: "tick", recurring: true })]),
        reply("Scheduled."),
      ]);
      await session.run("go @@schedule@@");
      const [{ output } = { output: "" }] = session.results();
      const id = /job (\w+)/.exec(output)?.[1];
      expect(await outlivesIdle(session)).toBe(true);
      claude.model.script("unschedule", [reply([tool("CronDelete", { id })]), reply("Gone.")]);
      await session.run("go @@unschedule@@");
      await untilReleased(session);
    }));
});

it("--agent-idle 0 keeps a process for ever", async () => {
  await using patient = await startClaude({ args: ["--agent-idle", "0"] });
  await patient.session(async (session) => {
    await session.run("hi @@text@@");
    expect(await outlivesIdle(session)).toBe(true);
  });
});
