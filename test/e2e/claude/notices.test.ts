import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import { httpError, reply, tool } from "../../support/model-script.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});

afterAll(() => claude[Symbol.asyncDispose]());

describe("a compaction", () => {
  it("that the user asks for is told as status, with what it cost; the conversation goes on", () =>
    claude.session(async (session) => {
      await session.run("hi @@text@@");
      const ended = await session.run("/compact");
      expect(ended).toMatchObject({ status: "completed", usage: { output_tokens: 84 } });
      const notices = session.parts("status").filter(({ label }) => label === "compaction");
      expect(notices.map(({ detail }) => detail)).toEqual(["compacting", "success", null]);
      expect(notices[2]?.data).toMatchObject({ compact_metadata: { trigger: "manual" } });
      expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
    }));

  it("that does not help ends the turn as context_window", () =>
    claude.session(async (session) => {
      const message = "prompt is too long: 210000 tokens > 200000 maximum";
      claude.model.script("toolong", [httpError(400, { message })]);
      await session.run("hi @@text@@");
      expect(await session.run("go @@toolong@@")).toMatchObject({
        status: "failed",
        error: { code: "context_window" },
      });
      expect(session.statusLabels()).toContain("compaction");
      expect(session.of("error")[0]?.data).toMatchObject({
        code: "context_window",
        details: { status: 400, native: "invalid_request" },
      });
    }));
});

describe("in one session", () => {
  const shared = shareSession(() => claude);

  describe("a model that stops", () => {
    it.each([
      ["maxtokens", { status: "failed", stop_reason: "max_tokens", error: { code: "api" } }],
      ["refusal", { status: "failed", stop_reason: "refusal", error: { code: "api" } }],
      ["maxtokensonce", { status: "completed", stop_reason: "end_turn" }],
      ["refusalonce", { status: "completed", stop_reason: "end_turn" }],
      ["text", { status: "completed", stop_reason: "end_turn" }],
    ])("(%s) ends the turn with the reason", async (script, ended) => {
      expect(await shared.session.run(`go @@${script}@@`)).toMatchObject(ended);
    });
  });

  it("a switch of the model is told as status", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    await session.run("hi @@text@@");
    await session.run("/model claude-scripted-2");
    await session.run("and now @@text@@");
    const [notice, ...others] = later.parts("status").filter(({ label }) => label === "model");
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      detail: "claude-scripted-2",
      data: { to: "claude-scripted-2" },
    });
    expect(claude.model.requests.at(-1)?.body.model).toBe("claude-scripted-2");
  });

  it("a change of the permission mode is told as status", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    claude.model.script("enterplan", [reply([tool("EnterPlanMode", {})]), reply("Planning.")]);
    await session.run("go @@enterplan@@");
    const notices = later.parts("status").filter(({ label }) => label === "mode");
    expect(notices.map(({ detail }) => detail)).toEqual(["plan"]);
  });
});
