import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import { hold, reply, text } from "../../support/model-script.ts";
import { postJson } from "../../support/post-json.ts";
import { untilDeadline } from "./daemon-deadline.ts";
import { expectUsable, HELLO } from "./expect-usable.ts";
import { startLongCommand, untilNoLongCommand } from "./long-command.ts";
import type { Scenario, Stage } from "./scenario.ts";

/** Longer than the time limit of any agent to end a turn that is interrupted, in milliseconds. */
const LONGER_THAN_STOPPING_MS = 6000;

/** A message to which the model begins to speak and never ends; `spoken` resolves when it has begun. */
function endless(stage: Stage): { message: string; spoken: () => Promise<void> } {
  const gate = `endless-${randomUUID()}`;
  const message = stage.script([reply([text("Starting "), hold(gate)])]);
  return { message, spoken: () => stage.rig.model.reached(gate) };
}

async function expectInterrupted(session: LiveSession, turn: string): Promise<void> {
  await session.interrupt();
  expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
}

/** How work is stopped. */
export const stopping: Scenario[] = [
  {
    id: "interrupt.speaking",
    title: "an interrupt while the model speaks ends the turn and is no error",
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        const { message, spoken } = endless(stage);
        const turn = await session.send(message);
        await spoken();
        await expectInterrupted(session, turn);
        expect(session.of("error")).toEqual([]);
        await expectUsable(stage, session);
      }),
  },
  {
    id: "interrupt.thinking",
    title: "an interrupt before the model has said anything ends the turn",
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        const gate = `silent-${randomUUID()}`;
        const turn = await session.send(stage.script([reply([hold(gate)])]));
        await stage.rig.model.reached(gate);
        await expectInterrupted(session, turn);
        await expectUsable(stage, session);
      }),
  },
  {
    id: "interrupt.command",
    title: "an interrupt while a command runs ends the command",
    play: (stage) =>
      stage.sharedSession("bashlong", async (session, directory) => {
        const turn = await startLongCommand(stage, session, directory);
        await expectInterrupted(session, turn);
        const items = session.of("item.completed").map(({ data }) => data.item);
        const result = items.find(({ kind }) => kind === "tool_result");
        expect(result?.status ?? "failed").toBe("failed");
        await untilNoLongCommand(stage, directory);
        await expectUsable(stage, session);
      }),
  },
  {
    id: "interrupt.permission",
    title: "an interrupt while a permission is open rejects it",
    play: (stage) =>
      stage.sharedSession("bash", async (session) => {
        const turn = await session.send(stage.message("bash"));
        await session.permission();
        await expectInterrupted(session, turn);
        expect(session.of("permission.resolved")[0]?.data).toMatchObject({
          status: "reject",
          metadata: { reason: "interrupted" },
        });
        expect(await session.info()).toMatchObject({ pendingPermissions: [] });
        await expectUsable(stage, session);
      }),
  },
  {
    id: "interrupt.question",
    title: "an interrupt while a question is open rejects it",
    play: (stage) =>
      stage.sharedSession("ask", async (session) => {
        const turn = await session.send(stage.message("ask"));
        await session.question();
        await expectInterrupted(session, turn);
        expect(session.of("question.resolved")[0]?.data).toMatchObject({ status: "rejected" });
        expect(await session.info()).toMatchObject({ pendingQuestions: [] });
        await expectUsable(stage, session);
      }),
  },
  {
    id: "interrupt.first",
    title: "an interrupt right after the first message ends its turn",
    play: (stage) =>
      stage.session("text", async (session) => {
        const turn = await session.send(endless(stage).message);
        await expectInterrupted(session, turn);
        await expectUsable(stage, session);
      }),
  },
  {
    id: "interrupt.later",
    title: "an interrupt right after a later message ends its turn, time and again",
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        await expectUsable(stage, session);
        for (let n = 0; n < 3; n++) {
          await expectInterrupted(session, await session.send(endless(stage).message));
        }
        await expectUsable(stage, session);
      }),
  },
  {
    id: "interrupt.queue",
    title: "an interrupt lets the messages that wait have their turns",
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        const first = await session.send(endless(stage).message);
        const second = await session.send(stage.message("text"));
        await session.until("item.started", ({ data }) => data.item.role === "user");
        await expectInterrupted(session, first);
        expect(await session.turnEnded(second)).toMatchObject({ status: "completed" });
        expect(session.said().at(-1)).toBe(HELLO);
      }),
  },
  {
    id: "interrupt.next",
    title: "an interrupt does not touch the message after it, however long that takes",
    play: (stage) =>
      stage.sharedSession("bash", async (session) => {
        const { message, spoken } = endless(stage);
        const first = await session.send(message);
        await spoken();
        const second = await session.send(stage.message("bash"));
        await expectInterrupted(session, first);
        const asked = await session.permission();
        await untilDeadline(stage, LONGER_THAN_STOPPING_MS);
        expect(await session.info()).toMatchObject({ pendingPermissions: [asked] });
        await session.replyTo(asked, "once");
        expect(await session.turnEnded(second)).toMatchObject({ status: "completed" });
        expect(session.of("permission.resolved")).toMatchObject([{ data: { status: "accept" } }]);
      }),
  },
  {
    id: "interrupt.idle",
    title: "an interrupt of an idle session does nothing",
    play: (stage) =>
      stage.sharedSession("text", async (session) => {
        await expectUsable(stage, session);
        const { eventCount } = await session.info();
        await session.interrupt();
        expect(await session.info()).toMatchObject({ status: "idle", eventCount });
        await expectUsable(stage, session);
      }),
  },
  {
    id: "end.command",
    title: "the end of a session in mid command ends the command and every turn",
    play: (stage) =>
      stage.session("bashlong", async (session, directory) => {
        await startLongCommand(stage, session, directory);
        await session.send("never begun");
        await session.terminate();
        await session.until("session.ended");
        expect(session.of("turn.ended").map(({ data }) => data.metadata.status)).toEqual([
          "interrupted",
          "interrupted",
        ]);
        await untilNoLongCommand(stage, directory);
        expect(await session.info()).toMatchObject({ status: "ended", queuedMessages: 0 });
      }),
  },
  {
    id: "end.permission",
    title: "the end of a session with an open permission rejects it",
    play: (stage) =>
      stage.session("bash", async (session) => {
        await session.send(stage.message("bash"));
        await session.permission();
        await session.terminate();
        expect(await session.until("permission.resolved")).toMatchObject({
          data: { status: "reject", metadata: { reason: "terminated" } },
        });
      }),
  },
  {
    id: "end.starting",
    title: "the end of a session right after its first message ends the turn",
    play: (stage) =>
      stage.session("text", async (session) => {
        await session.send(endless(stage).message);
        await session.terminate();
        expect(await session.until("turn.ended")).toMatchObject({
          data: { metadata: { status: "interrupted" } },
        });
      }),
  },
  {
    id: "end.delete",
    title: "a session that is deleted in mid turn leaves nothing, and its id is free again",
    play: (stage) =>
      stage.session("bashlong", async (session, directory) => {
        await startLongCommand(stage, session, directory);
        const url = `${stage.rig.daemon.url}/v1/sessions/${session.id}-deleted`;
        const body = { agent: stage.subject.id, directory };
        for (let n = 0; n < 2; n++) {
          expect((await postJson(url, body)).status).toBe(200);
          const { message } = endless(stage);
          const sent = await postJson(`${url}/messages`, { message });
          expect(sent.status).toBe(204);
          expect((await fetch(url, { method: "DELETE" })).status).toBe(204);
          expect((await fetch(url)).status).toBe(404);
        }
      }),
  },
];
