import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import { postJson } from "../../support/post-json.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});

afterAll(() => claude[Symbol.asyncDispose]());

/** What the model was told of the tool calls of the newest conversation. */
function told(): { text: string; isError: boolean }[] {
  const newest = claude.model.requests.at(-1);
  return (newest?.body.messages ?? []).flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap(({ type, content, is_error }) =>
          type === "tool_result"
            ? [{ text: JSON.stringify(content), isError: is_error === true }]
            : [],
        ),
  );
}

describe("in the usual mode", () => {
  const shared = shareSession(() => claude);

  describe("a command", () => {
    it("that is allowed always is not asked for again, another one is", async () => {
      const { session, directory } = shared;
      const later = new LaterEvents(session);
      const turn = await session.send("go @@bashtwice@@");
      const first = await session.reply("always");
      expect(first.metadata).toMatchObject({ command: "touch one.txt", cwd: directory });
      // The second request is the equal one, which the memory of the session answers.
      await session.permission();
      const other = await session.permission();
      expect(other.metadata).toMatchObject({ command: expect.stringContaining("two.txt") });
      await session.replyTo(other, "reject");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(later.of("permission.resolved").map(({ data }) => data.status)).toEqual([
        "accept_for_session",
        "accept_for_session",
        "reject",
      ]);
      expect(later.results()).toHaveLength(3);
      // Neither a rule written to the project nor a file of the command that was rejected.
      expect(await readdir(directory)).toEqual(["one.txt"]);
    });

    it("that is rejected does not run; the model is told and the turn goes on", async () => {
      const { session, directory } = shared;
      const later = new LaterEvents(session);
      const before = told().length;
      const turn = await session.send("go @@bash@@");
      await session.reply("reject");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(later.of("permission.resolved")).toMatchObject([{ data: { status: "reject" } }]);
      expect(told().slice(before)).toEqual([
        { text: expect.stringContaining("The user rejected this tool call."), isError: true },
      ]);
      expect(later.said()).toEqual(["I will run a command.", "All done."]);
      expect(await readdir(directory)).toEqual(["one.txt"]);
    });
  });

  describe("a question", () => {
    it("of two parts is answered part by part", async () => {
      const { session } = shared;
      const later = new LaterEvents(session);
      const before = told().length;
      const turn = await session.send("go @@ask@@");
      const asked = await session.answer([["Blue"], ["S", "L"]]);
      expect(asked).toMatchObject({
        prompt: "Which color?",
        options: ["Red", "Blue"],
        questions: [
          { header: "Color", multi_select: false },
          { header: "Sizes", multi_select: true },
        ],
      });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(later.of("question.resolved")).toMatchObject([
        { data: { status: "answered", response: "Blue", answers: [["Blue"], ["S", "L"]] } },
      ]);
      const [{ text } = { text: "" }] = told().slice(before);
      for (const word of ["Which color?", "Blue", "Which sizes?", "S, L"]) {
        expect(text).toContain(word);
      }
      expect(later.said()).toEqual(["Thanks for answering."]);
    });

    it("that is rejected is told to the model and the turn goes on", async () => {
      const { session } = shared;
      const later = new LaterEvents(session);
      const before = told().length;
      const turn = await session.send("go @@ask@@");
      await session.answer(null);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(later.of("question.resolved")).toMatchObject([
        { data: { status: "rejected", response: null, answers: null } },
      ]);
      expect(told().slice(before)).toEqual([
        { text: expect.stringContaining("The user declined to answer."), isError: true },
      ]);
    });
  });

  // Last: the session remembers the answer.
  it("a command that Claude asks for again though it was allowed always is shown and answered", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    const turns = [await session.send("go @@bash@@")];
    await session.reply("always");
    turns.push(await session.send("again @@bash@@"));
    for (const turn of turns) {
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    }
    const [, ...answered] = later.of("permission.resolved");
    for (const { data } of answered) {
      expect(data).toMatchObject({
        status: "accept_for_session",
        metadata: { reason: "remembered" },
      });
    }
    expect(later.results()).toMatchObject([{ exit_code: 0 }, { exit_code: 0 }]);
  });
});

describe("a plan", () => {
  const planning = { permissionMode: "plan" };
  const plan = { metadata: { kind: "plan", plan: "# Plan\n1. Do A\n2. Do B\n" } };

  it("that is rejected is told to the model with the words of the user; approved, it ends the planning", () =>
    claude.session(async (session) => {
      const rejected = await session.send("go @@plan@@");
      expect(await session.answer([["Add tests first"]])).toMatchObject(plan);
      expect(await session.turnEnded(rejected)).toMatchObject({ status: "completed" });
      expect(session.statusLabels()).not.toContain("mode");
      expect(told().at(-1)).toEqual({
        text: expect.stringContaining("The user rejected the plan. They said: Add tests first"),
        isError: true,
      });

      const approved = await session.send("go @@plan@@");
      expect(await session.answer([["approve"]])).toMatchObject(plan);
      expect(await session.turnEnded(approved)).toMatchObject({ status: "completed" });
      expect(session.statusLabels()).toContain("mode");
      expect(told().at(-1)).toMatchObject({ isError: false });
      expect(session.said().at(-1)).toBe("After the plan.");
    }, planning));

  it("is also made by the agent mode plan", () =>
    claude.session(
      async (session) => {
        const turn = await session.send("go @@plan@@");
        expect(await session.answer(null)).toMatchObject(plan);
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.of("question.resolved")).toMatchObject([{ data: { status: "rejected" } }]);
      },
      { agentMode: "plan" },
    ));
});

describe("a permission mode", () => {
  const bypass = { agent: "claude", permissionMode: "bypass" };

  it("of bypass is refused to root, to whom Claude refuses it", async () => {
    const answer = await postJson(`${claude.daemon.url}/v1/sessions/bypass`, bypass);
    const refused = {
      type: "urn:sandbox-agent:error:invalid_request",
      detail: expect.stringContaining("IS_SANDBOX=1"),
    };
    const isRoot = process.getuid?.() === 0;
    expect(answer.status).toBe(isRoot ? 400 : 200);
    expect(await answer.json()).toMatchObject(isRoot ? refused : { healthy: true });
  });

  it("of bypass runs everything unasked where the daemon says that this is a sandbox", async () => {
    await using sandboxed = await startClaude({ env: { IS_SANDBOX: "1" } });
    await sandboxed.session(async (session, directory) => {
      expect(await session.run("go @@bash@@")).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toEqual([]);
      expect(await readdir(directory)).toEqual(["made.txt"]);
    }, bypass);
  });
});
