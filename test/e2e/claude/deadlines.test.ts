import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";

let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});

afterAll(() => claude[Symbol.asyncDispose]());

describe("a request that nobody answers in time", () => {
  it.each([
    ["bash", "permission.resolved", { status: "reject" }],
    ["ask", "question.resolved", { status: "rejected", answers: null }],
  ] as const)("(%s) is rejected, and the turn goes on", (script, type, resolved) =>
    claude.session(
      async (session) => {
        const ended = await session.run(`go @@${script}@@`);
        expect(ended).toMatchObject({ status: "completed" });
        const [{ data } = { data: undefined }] = session.of(type);
        expect(data).toMatchObject({ ...resolved, metadata: { reason: "timeout" } });
        expect(await session.info()).toMatchObject({
          status: "idle",
          pendingPermissions: [],
          pendingQuestions: [],
        });
      },
      { interaction: { timeoutMs: 200 } },
    ),
  );

  it.each([
    ["bash", "permission.resolved"],
    ["ask", "question.resolved"],
  ] as const)("(%s) interrupts the turn where the session wants that", (script, type) =>
    claude.session(
      async (session) => {
        const ended = await session.run(`go @@${script}@@`);
        expect(ended).toMatchObject({ status: "interrupted" });
        expect(session.of(type)[0]?.data).toMatchObject({ metadata: { reason: "timeout" } });
        expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
      },
      { interaction: { timeoutMs: 200, onTimeout: "interrupt" } },
    ),
  );

  it("is none that has been answered before", () =>
    claude.session(
      async (session) => {
        const turn = await session.send("go @@bash@@");
        await session.reply("once");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.of("permission.resolved")[0]?.data).toMatchObject({ status: "accept" });
        expect(session.of("permission.resolved")).toHaveLength(1);
      },
      { interaction: { timeoutMs: 20_000 } },
    ));
});
