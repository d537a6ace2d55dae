import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { hold, reply, text } from "../../support/model-script.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});

afterAll(() => claude[Symbol.asyncDispose]());

/** Whether a session is still of use after what went wrong in it. */
async function expectUsable(session: LiveSession): Promise<void> {
  expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  expect(session.said().at(-1)).toBe("Hello from the scripted model.");
}

describe("an error of the model's API", () => {
  const shared = shareSession(() => claude);

  it.each([
    ["e401", "auth", { status: 401, native: "authentication_failed" }],
    ["e429", "rate_limit", { status: 429, native: "rate_limit" }],
    ["e500", "api", { status: 500, native: "server_error" }],
    ["e529", "overloaded", { status: 529, native: "server_error" }],
    ["drop", "network", { native: "server_error" }],
  ])("(%s) fails the turn as %s and the session goes on", async (script, code, details) => {
    const { session } = shared;
    const later = new LaterEvents(session);
    expect(await session.run(`go @@${script}@@`)).toMatchObject({
      status: "failed",
      error: { code },
    });
    expect(later.of("error")).toMatchObject([{ data: { code, details }, synthetic: false }]);
    expect(later.statusLabels()).toEqual(["retry", "retry"]);
    expect(later.said()).toEqual([]);
    expect(await session.info()).toMatchObject({ status: "idle", lastError: { code } });
    await expectUsable(session);
  });

  it.each(["e429recovers", "e500recovers"])(
    "(%s) that passes is told as retries",
    async (script) => {
      const { session } = shared;
      const later = new LaterEvents(session);
      expect(await session.run(`go @@${script}@@`)).toMatchObject({ status: "completed" });
      expect(later.of("error")).toEqual([]);
      expect(later.statusLabels()).toEqual(["retry", "retry"]);
      expect(later.said()).toEqual(["Recovered."]);
    },
  );

  it.each([
    ["cutrecovers", 1, "Recovered."],
    // After three streams that break off Claude asks once more, for an answer in one piece.
    ["cut", 3, "one two three "],
  ])(
    "in the middle of an answer (%s) fails each piece that came; the retry is another",
    async (script, cuts, last) => {
      const { session } = shared;
      const later = new LaterEvents(session);
      expect(await session.run(`go @@${script}@@`)).toMatchObject({ status: "completed" });
      const items = later.items();
      const answers = items.filter(({ role }) => role === "assistant");
      const text = (said: string) => [{ type: "text", text: said }];
      expect(answers.at(-1)).toMatchObject({ status: "completed", content: text(last) });
      const pieces = answers.slice(0, -1);
      // A Claude that learns of the break before it has read the piece says nothing of it.
      expect(pieces.length).toBeGreaterThan(0);
      expect(pieces.length).toBeLessThanOrEqual(cuts);
      for (const piece of pieces) {
        expect(piece).toMatchObject({ status: "failed", content: text("one two three ") });
      }
    },
  );
});

it("without any key fails the turn as auth", async () => {
  await using keyless = await startClaude({ env: { ANTHROPIC_API_KEY: undefined } });
  await keyless.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({
      status: "failed",
      error: { code: "auth" },
    });
  });
  expect(keyless.model.requests).toEqual([]);
});

describe("the agent's process", () => {
  // Each kill costs one start of Claude Code.
  it("killed in mid turn and in mid command fails the turn; the next message continues the conversation", () =>
    claude.session(async (session) => {
      claude.model.script("killed", [reply([text("Starting "), hold("killed")])]);
      await session.run("remember me @@text@@");
      const turn = await session.send("go @@killed@@");
      await session.until("item.delta", ({ data }) => data.delta === "Starting ");
      const [{ pid } = { pid: 0 }] = await session.agentProcesses();
      expect(pid).toBeGreaterThan(0);
      process.kill(pid, "SIGKILL");
      expect(await session.turnEnded(turn)).toMatchObject({
        status: "failed",
        error: { code: "process_exit", message: expect.stringContaining("SIGKILL") },
      });
      const { nativeSessionId } = await session.info();
      await expectUsable(session);
      expect(await session.info()).toMatchObject({ status: "idle", nativeSessionId });
      const [next] = await session.agentProcesses();
      expect(next?.pid).not.toBe(pid);
      const { headers, body } = claude.model.requests.at(-1) ?? {};
      expect(headers?.["x-claude-code-session-id"]).toBe(nativeSessionId);
      expect(JSON.stringify(body?.messages)).toContain("remember me @@text@@");
      claude.model.release("killed");

      const commanding = await session.send("go @@bashlong@@");
      await session.reply("once");
      await expect.poll(async () => (await session.processes()).length).toBeGreaterThan(1);
      process.kill(next?.pid ?? 0, "SIGKILL");
      expect(await session.turnEnded(commanding)).toMatchObject({
        error: { code: "process_exit" },
      });
      await expect.poll(() => session.processes()).toEqual([]);
      await expectUsable(session);
    }));

  it.each([
    ["SIGTERM", 3],
    // Killed, the CLI forgets what it has used; our sum does not.
    ["SIGKILL", 1],
  ] as const)(
    "ended while idle by %s is missed by nobody, and usage still adds up",
    (signal, counted) =>
      claude.session(async (session) => {
        await session.run("hi @@text@@");
        await session.run("hi @@think@@");
        const [{ pid } = { pid: 0 }] = await session.agentProcesses();
        process.kill(pid, signal);
        await expect.poll(() => session.agentProcesses()).toEqual([]);
        await expectUsable(session);
        expect(session.of("error")).toEqual([]);
        const turns = session.of("turn.ended").map(({ data }) => data.metadata.usage);
        expect(turns.map((usage) => usage?.total_tokens)).toEqual([192, 192, 192]);
        const { usage } = await session.info();
        expect(usage).toMatchObject({ input_tokens: 450, output_tokens: 126, total_tokens: 576 });
        const last = (await session.raw()).findLast(({ type }) => type === "turn.ended")?.raw;
        const total_cost_usd = expect.closeTo(((usage.cost_usd ?? 0) * counted) / 3, 10);
        expect(last).toMatchObject({ type: "result", total_cost_usd });
      }),
  );
});
