import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CodexDaemon } from "../../support/codex-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { hold, reply, text } from "../../support/model-script.ts";
import { processesWith } from "../../support/processes.ts";

let codex: CodexDaemon;

beforeAll(async () => {
  codex = await CodexDaemon.start();
});

afterAll(() => codex[Symbol.asyncDispose]());

async function expectUsable(session: LiveSession): Promise<void> {
  expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  expect(session.said().at(-1)).toBe("Hello from the scripted model.");
}

/** The server that all sessions share. */
async function servers() {
  const found = await processesWith(`HOME=${codex.home.dir}`);
  return found.filter(({ command }) => command.includes("app-server"));
}

describe("an interrupt", () => {
  it("while the model speaks ends the turn", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@slow@@");
      await session.until("item.delta");
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expectUsable(session);
    }));

  it("while a command runs ends the command too", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@bashlong@@");
      await session.reply("once");
      await expect.poll(async () => (await session.processes()).length).toBeGreaterThan(0);
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expect.poll(() => session.processes(), { timeout: 5000 }).toEqual([]);
      await expectUsable(session);
    }));

  it("while a permission is open rejects it", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@bash@@");
      await session.permission();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(session.of("permission.resolved")[0]?.data).toMatchObject({
        status: "reject",
        metadata: { reason: "interrupted" },
      });
      await expectUsable(session);
    }));

  it("right after the message ends its turn", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@slow@@");
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expectUsable(session);
    }));

  it("while a subagent asks ends the subagent's turn too", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@subagentwrite@@");
      const asked = await session.permission();
      expect(asked.metadata).toMatchObject({ background: true });
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await session.until("permission.resolved");
      expect((await session.info()).pendingPermissions).toEqual([]);
      await expectUsable(session);
    }));

  it("while a plan waits for approval ends the turn", () =>
    codex.session(
      async (session) => {
        const turn = await session.send("go @@planmode@@");
        await session.question();
        await session.interrupt();
        expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      },
      { permissionMode: "plan" },
    ));
});

it("the end of a session in mid command ends the command, and leaves the server to others", () =>
  codex.session(async (session) => {
    const turn = await session.send("go @@bashlong@@");
    await session.reply("once");
    await expect.poll(async () => (await session.processes()).length).toBeGreaterThan(0);
    await session.terminate();
    expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
    await expect.poll(() => session.processes(), { timeout: 5000 }).toEqual([]);
    expect(await servers()).toHaveLength(1);
  }));

describe("an error of the model's API", () => {
  it.each([
    ["e401", "auth"],
    ["e429", "rate_limit"],
    ["e500", "api"],
    ["e503", "overloaded"],
    ["e400", "api"],
    ["drop", "network"],
    ["cut", "network"],
    ["malformed", "network"],
    ["quota", "rate_limit"],
  ])("(%s) fails the turn as %s and the session goes on", (script, code) =>
    codex.session(async (session) => {
      expect(await session.run(`go @@${script}@@`)).toMatchObject({
        status: "failed",
        error: { code },
      });
      expect(session.of("error")).toMatchObject([{ data: { code }, synthetic: false }]);
      await expectUsable(session);
    }),
  );

  it.each(["e429recovers", "e500recovers", "cutrecovers"])(
    "(%s) that passes is survived",
    (script) =>
      codex.session(async (session) => {
        expect(await session.run(`go @@${script}@@`)).toMatchObject({ status: "completed" });
        expect(session.of("error")).toEqual([]);
        expect(session.said().at(-1)).toBe("Recovered.");
      }),
  );
});

it("a conversation that has become too long fails the turn as context_window", () =>
  codex.session(async (session) => {
    expect(await session.run("go @@toolong@@")).toMatchObject({
      status: "failed",
      error: { code: "context_window" },
    });
    expect(await session.info()).toMatchObject({ status: "idle" });
  }));

it("a server that is killed in mid turn fails the turns of all its sessions, and all go on with their conversations", async () => {
  codex.model.script("killed", [reply([text("Starting "), hold("killed")])]);
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  const one = () =>
    codex.session(async (session) => {
      await session.run("remember me @@text@@");
      const turn = await session.send("go @@killed@@");
      await session.until("item.delta", ({ data }) => data.delta.startsWith("Starting"));
      waiting += 1;
      if (waiting === 2) {
        const [server] = await servers();
        process.kill(server?.pid ?? 0, "SIGKILL");
        both.resolve();
      }
      await both.promise;
      expect(await session.turnEnded(turn)).toMatchObject({
        status: "failed",
        error: { code: "process_exit", message: expect.stringContaining("SIGKILL") },
      });
      const { nativeSessionId } = await session.info();
      await expectUsable(session);
      expect(await session.info()).toMatchObject({ status: "idle", nativeSessionId });
      expect(JSON.stringify(codex.model.requests.map(({ body }) => body))).toContain("remember me");
    });
  await Promise.all([one(), one()]);
  codex.model.release("killed");
  expect(await servers()).toHaveLength(1);
});
