import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CodexDaemon, startCodex, killServer } from "../../support/codex-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { hold, reply, text, tool } from "../../support/model-script.ts";

/** Newer models can ask without waiting for the answer. */
const MODEL = { model: "gpt-6.1-sol" };
const ask = tool("request_user_input_async", {
  questions: [{ title: "Which color?", options: ["Red", "Blue"] }, { title: "Which name?" }],
});
let codex: CodexDaemon;

beforeAll(async () => {
  codex = await startCodex();
});

afterAll(() => codex[Symbol.asyncDispose]());

/** What the user has said, as the model was told it in its newest request. */
function userTexts(): string[] {
  const items = codex.model.requests.at(-1)?.body.input ?? [];
  return items.flatMap(({ role, content }) =>
    role === "user" && Array.isArray(content) ? content.map((part) => part.text ?? "") : [],
  );
}

function userMessages(session: LiveSession): string[] {
  const items = session.of("item.completed").map(({ data }) => data.item);
  return items
    .filter(({ role }) => role === "user")
    .flatMap(({ content }) => content.flatMap((part) => (part.type === "text" ? part.text : [])));
}

describe("a question for whose answer the model does not wait", () => {
  it("stays open when its turn has ended; the answer begins a turn of its own", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@askasync@@");
      const asked = await session.question();
      expect(asked).toMatchObject({
        metadata: { background: true },
        questions: [{ question: "Which color?", options: [{ label: "Red" }, { label: "Blue" }] }],
      });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect((await session.info()).pendingQuestions).toHaveLength(1);

      await session.answerTo(asked, [["Blue @@text@@"]]);
      const started = await session.until(
        "turn.started",
        ({ data }) => data.metadata?.origin === "agent",
      );
      expect(await session.turnEnded(started.data.turn_id)).toMatchObject({ status: "completed" });
      expect(userTexts().at(-1)).toBe("Which color?\nBlue @@text@@");
      expect(userMessages(session)).toEqual(["go @@askasync@@", "Which color?\nBlue @@text@@"]);
      const resolved = await session.until("question.resolved");
      expect(resolved.data).toMatchObject({ status: "answered" });
      expect(resolved.sequence).toBeLessThan(started.sequence);
    }, MODEL));

  it("is answered into the running turn, but not into the middle of a message", () =>
    codex.session(async (session) => {
      codex.model.script("into", [
        reply([ask]),
        reply([
          text("I go on "),
          hold("into"),
          text("and on."),
          // Long enough for the answer to come in before the model is asked again.
          tool("exec_command", { cmd: "sleep 1" }),
        ]),
        reply("Thanks."),
      ]);
      const turn = await session.send("go @@into@@");
      const asked = await session.question();
      await session.until("item.delta", ({ data }) => data.delta.startsWith("I "));
      await session.answerTo(asked, [["Blue"], ["Ann"]]);
      codex.model.release("into");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.said().slice(1)).toEqual(["I go on and on.", "Thanks."]);
      expect(userTexts().at(-1)).toBe("Which color?\nBlue\n\nWhich name?\nAnn");
      expect(userMessages(session).at(-1)).toBe("Which color?\nBlue\n\nWhich name?\nAnn");
      expect(session.of("turn.started")).toHaveLength(1);
    }, MODEL));

  it("that is answered in the last message of its turn is told in that turn, before the next message", () =>
    codex.session(async (session) => {
      codex.model.script("last", [
        reply([ask]),
        reply([text("I am "), hold("last"), text("done.")]),
        reply("Thanks."),
      ]);
      const turn = await session.send("go @@last@@");
      const asked = await session.question();
      await session.until("item.delta", ({ data }) => data.delta.startsWith("I "));
      const next = await session.send("next @@text@@");
      await session.answerTo(asked, [["Blue"]]);
      codex.model.release("last");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(await session.turnEnded(next)).toMatchObject({ status: "completed" });
      expect(userMessages(session)).toEqual(["go @@last@@", "Which color?\nBlue", "next @@text@@"]);
      expect(userTexts().slice(-3)).toEqual(userMessages(session));
      expect(session.said().slice(1)).toEqual([
        "I am done.",
        "Thanks.",
        "Hello from the scripted model.",
      ]);
    }, MODEL));

  it("that is rejected is told nobody", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@askasync@@");
      const asked = await session.question();
      await session.turnEnded(turn);
      const before = codex.model.requests.length;
      await session.answerTo(asked, null);
      const resolved = await session.until("question.resolved");
      expect(resolved.data).toMatchObject({ status: "rejected", answers: null });
      expect(await session.info()).toMatchObject({ status: "idle", pendingQuestions: [] });
      await session.run("and @@text@@");
      expect(codex.model.requests).toHaveLength(before + 1);
      expect(session.of("turn.started")).toHaveLength(2);
    }, MODEL));

  it("outlives an interrupt and the server, and is closed with the session", () =>
    codex.session(async (session) => {
      codex.model.script("outlives", [reply([ask]), reply([text("I go on "), hold("outlives")])]);
      const turn = await session.send("go @@outlives@@");
      const asked = await session.question();
      await session.until("item.delta", ({ data }) => data.delta.startsWith("I "));
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect((await session.info()).pendingQuestions).toMatchObject([
        { question_id: asked.question_id },
      ]);
      await killServer(codex);
      await session.answerTo(asked, [["Blue @@text@@"]]);
      const started = await session.until(
        "turn.started",
        ({ data }) => data.metadata?.origin === "agent",
      );
      expect(await session.turnEnded(started.data.turn_id)).toMatchObject({ status: "completed" });
      await session.run("go @@askasync@@");
      await session.terminate();
      const closed = await session.until(
        "question.resolved",
        ({ data }) => data.status === "rejected",
      );
      expect(closed.data.metadata).toMatchObject({ reason: "terminated" });
    }, MODEL));
});
