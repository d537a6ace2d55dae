import { expect } from "vitest";
import { expectUsable, told } from "./expect-usable.ts";
import type { LiveSession } from "../../support/live-session.ts";
import type { Scenario, Stage } from "./scenario.ts";

const PLAN = "# Plan\n1. Do A\n2. Do B";

/** What the agent asks of a person besides permissions. */
export const requests: Scenario[] = [
  {
    id: "question.answered",
    title: "a question of two parts is answered part by part",
    proves: ["questions"],
    play: (stage) =>
      stage.sharedSession("ask", async (session) => {
        const turn = await session.send(stage.message("ask"));
        const asked = await session.question();
        expect(asked).toMatchObject({
          prompt: "Which color?",
          questions: [{ header: "Color" }, { header: expect.stringMatching(/^Sizes?$/) }],
        });
        expect(await session.info()).toMatchObject({ pendingQuestions: [asked] });
        await session.answerTo(asked, [["Blue"], ["L"]]);
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.of("question.resolved")).toMatchObject([
          { data: { status: "answered", response: "Blue", answers: [["Blue"], ["L"]] } },
        ]);
        expect(await told(stage, session)).toContain("Blue");
        expect(session.said()).toEqual(["Thanks for answering."]);
        await answerInPart(stage, session);
      }),
  },
  {
    id: "question.rejected",
    title: "a question that is rejected ends, and the session goes on",
    play: (stage) =>
      stage.sharedSession("ask", async (session) => {
        const turn = await session.send(stage.message("ask"));
        await session.answer(null);
        await session.turnEnded(turn);
        expect(session.of("question.resolved")).toMatchObject([
          { data: { status: "rejected", response: null, answers: null } },
        ]);
        await expectUsable(stage, session);
      }),
  },
  {
    id: "question.deadline",
    title: "a question that nobody answers in time is rejected",
    play: (stage) =>
      stage.sharedSession(
        "ask",
        async (session) => {
          await session.run(stage.message("ask"));
          expect(session.of("question.resolved")[0]?.data).toMatchObject({
            status: "rejected",
            metadata: { reason: "timeout" },
          });
          expect(await session.info()).toMatchObject({ status: "idle", pendingQuestions: [] });
        },
        { interaction: { timeoutMs: 200 } },
      ),
  },
  {
    id: "plan.approved",
    title: "a plan is a question, and approved it is worked on in the same turn",
    proves: ["planMode"],
    play: (stage) =>
      stage.session("plan", async (session) => {
        const turn = await session.send(stage.message("plan"));
        const asked = await session.question();
        expect(asked.metadata).toMatchObject({
          kind: "plan",
          plan: expect.stringContaining(PLAN),
        });
        await session.answerTo(asked, [["approve"]]);
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.said().at(-1)).toBe("After the plan.");
        expect(session.of("turn.started")).toHaveLength(1);
      }),
  },
  {
    id: "plan.rejected",
    title: "a plan that is rejected is not worked on, and the session goes on",
    play: (stage) =>
      stage.sharedSession("plan", async (session) => {
        const turn = await session.send(stage.message("plan"));
        await session.answer([["reject"]]);
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(await session.info()).toMatchObject({ status: "idle", pendingQuestions: [] });
        await expectUsable(stage, session);
      }),
  },
];

/** Answers that do not fit are refused, a part without an answer counts as unanswered. */
async function answerInPart(stage: Stage, session: LiveSession): Promise<void> {
  const turn = await session.send(stage.message("ask"));
  const asked = await session.question();
  await expect(session.answerTo(asked, [["Red"], ["S"], ["x"]])).rejects.toThrow("400");
  await expect(session.answerTo(asked, [["Red", "Blue"]])).rejects.toThrow("400");
  await session.answerTo(asked, [["Red"]]);
  expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
  expect(session.of("question.resolved").at(-1)).toMatchObject({
    data: { status: "answered", response: "Red", answers: [["Red"], []] },
  });
  await expect(session.answerTo(asked, [["Blue"]])).rejects.toThrow("already resolved");
}
