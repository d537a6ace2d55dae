import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CodexDaemon, startCodex } from "../../support/codex-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";

let codex: CodexDaemon;

beforeAll(async () => {
  codex = await startCodex();
});

afterAll(() => codex[Symbol.asyncDispose]());

async function expectUsable(session: LiveSession): Promise<void> {
  expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  expect(session.said().at(-1)).toBe("Hello from the scripted model.");
}

describe("an interrupt", () => {
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
