import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { hold, reply, text } from "../../support/model-script.ts";

let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});

afterAll(() => claude[Symbol.asyncDispose]());

/** Makes the model wait in mid answer at a gate that nobody opens. */
function neverEnds(name: string): string {
  claude.model.script(name, [reply([text("Starting "), hold(name)])]);
  return `go @@${name}@@`;
}

/** Sends a message whose command runs until it is ended, and waits until it runs. */
async function startLongCommand(session: LiveSession): Promise<string> {
  const turn = await session.send("go @@bashlong@@");
  await session.reply("once");
  await expect
    .poll(() => session.processes(), { timeout: 10_000 })
    .toContainEqual(expect.objectContaining({ command: expect.stringContaining("long.started") }));
  return turn;
}

async function expectUsable(session: LiveSession): Promise<void> {
  expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  expect(session.said().at(-1)).toBe("Hello from the scripted model.");
}

describe("an interrupt", () => {
  it("while the model speaks ends the turn, not the process", () =>
    claude.session(async (session) => {
      const turn = await session.send(neverEnds("speaking"));
      await session.until("item.delta");
      const before = await session.agentProcesses();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(session.of("error")).toEqual([]);
      await expectUsable(session);
      expect(await session.agentProcesses()).toEqual(before);
    }));

  it("while a command runs ends the command", () =>
    claude.session(async (session) => {
      const turn = await startLongCommand(session);
      const [before] = await session.agentProcesses();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      const results = session.of("item.completed").map(({ data }) => data.item);
      expect(results.find(({ kind }) => kind === "tool_result")?.status).toBe("failed");
      await expect.poll(() => session.processes()).toEqual([before]);
      await expectUsable(session);
    }));

  it("while a permission is open rejects it", () =>
    claude.session(async (session) => {
      const turn = await session.send("go @@bash@@");
      await session.permission();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(session.of("permission.resolved")).toMatchObject([
        { data: { status: "reject", metadata: { reason: "interrupted" } } },
      ]);
      expect(await session.info()).toMatchObject({ pendingPermissions: [] });
      await expectUsable(session);
    }));

  it("while a question is open rejects it", () =>
    claude.session(async (session) => {
      const turn = await session.send("go @@ask@@");
      await session.question();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(session.of("question.resolved")).toMatchObject([
        { data: { status: "rejected", metadata: { reason: "interrupted" } } },
      ]);
      await expectUsable(session);
    }));

  it("right after the first message ends its turn while the process still starts", () =>
    claude.session(async (session) => {
      const turn = await session.send(neverEnds("starting"));
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expectUsable(session);
    }));

  it("right after a later message ends its turn before the model is asked, or soon after", () =>
    claude.session(async (session) => {
      await session.run("hi @@text@@");
      for (const name of ["soon-1", "soon-2", "soon-3"]) {
        const turn = await session.send(neverEnds(name));
        await session.interrupt();
        expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      }
      await expectUsable(session);
      expect(await session.agentProcesses()).toHaveLength(1);
    }));

  it("lets the messages that wait have their turns", () =>
    claude.session(async (session) => {
      const first = await session.send(neverEnds("waited-for"));
      const second = await session.send("second @@text@@");
      await session.until("item.delta");
      await session.interrupt();
      expect(await session.turnEnded(first)).toMatchObject({ status: "interrupted" });
      expect(await session.turnEnded(second)).toMatchObject({ status: "completed" });
    }));

  it("of an idle session does nothing", () =>
    claude.session(async (session) => {
      await session.run("hi @@text@@");
      const before = session.events.length;
      await session.interrupt();
      expect(await session.info()).toMatchObject({ status: "idle", eventCount: before });
      await expectUsable(session);
    }));
});

describe("the end of a session", () => {
  it("in mid command ends the command and every turn", () =>
    claude.session(async (session) => {
      await startLongCommand(session);
      await session.send("never begun");
      await session.terminate();
      expect(await session.processes()).toEqual([]);
      const [running, queued] = session.of("turn.ended").map(({ data }) => data);
      expect(running).toMatchObject({ turn_id: "turn_1", metadata: { status: "interrupted" } });
      expect(queued).toMatchObject({ turn_id: "turn_2", metadata: { status: "interrupted" } });
      expect(await session.info()).toMatchObject({ status: "ended", queuedMessages: 0 });
    }));

  it("with an open permission rejects it", () =>
    claude.session(async (session) => {
      await session.send("go @@bash@@");
      await session.permission();
      await session.terminate();
      expect(await session.until("permission.resolved")).toMatchObject({
        data: { status: "reject", metadata: { reason: "terminated" } },
      });
    }));

  it("while its process starts leaves none", () =>
    claude.session(async (session) => {
      await session.send(neverEnds("never"));
      await session.terminate();
      expect(await session.processes()).toEqual([]);
      expect(await session.until("turn.ended")).toMatchObject({
        data: { metadata: { status: "interrupted" } },
      });
    }));
});
