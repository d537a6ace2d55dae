import { expect, it, vi } from "vitest";
import type { MockScript } from "../../../src/agents/mock/index.ts";
import type { PermissionReply } from "../../../src/schema/permission.ts";
import type { Session } from "../../../src/sessions/session.ts";
import { fakeTimers } from "../../support/fake-timers.ts";
import { brief, openMock, readEvents, text, untilEvent } from "../../support/session-events.ts";

const hour = 3_600_000;

function tail(session: Session, from: number): string[] {
  return readEvents(session.log)
    .slice(from - 1)
    .map(brief);
}

async function untilSequence(session: Session, sequence: number): Promise<void> {
  await untilEvent(session.log, (event) => event.sequence === sequence);
}

it("keeps a turn that ends with permissions open until all of them are answered", async () => {
  await using session = await openMock();
  const turn = session.post(text("permission"));
  await untilSequence(session, 6);
  expect(
    readEvents(session.log)
      .slice(4)
      .map((event) => event.data),
  ).toEqual([
    {
      permission_id: "mock_1_permission",
      action: "command_execution",
      status: "requested",
      metadata: { codexRequestKind: "commandExecution", command: "echo mock" },
    },
    {
      permission_id: "mock_1_permission_denied",
      action: "file_change",
      status: "requested",
      metadata: { codexRequestKind: "fileChange", path: "mock_1/deny.txt" },
    },
  ]);
  await session.replyPermission("mock_1_permission_denied", "reject");
  expect(session.info.status).toBe("running");
  await session.replyPermission("mock_1_permission", "once");
  await turn.ended;
  expect(tail(session, 7)).toEqual([
    "7 permission.resolved* mock_1_permission_denied reject",
    "8 permission.resolved* mock_1_permission accept",
    "9 turn.ended* turn_1 completed",
  ]);
});

it("keeps a turn that ends with questions open until all of them are answered", async () => {
  await using session = await openMock();
  const turn = session.post(text("question"));
  await untilSequence(session, 6);
  await session.replyQuestion("mock_1_question", [["Blue"]]);
  await session.replyQuestion("mock_1_question_reject", null);
  await turn.ended;
  expect(tail(session, 5)).toEqual([
    "5 question.requested mock_1_question requested",
    "6 question.requested mock_1_question_reject requested",
    "7 question.resolved* mock_1_question answered",
    "8 question.resolved* mock_1_question_reject rejected",
    "9 turn.ended* turn_1 completed",
  ]);
  const [asked, , answered] = readEvents(session.log).slice(4);
  const options = ["Red", "Blue"];
  const question = { question_id: "mock_1_question", prompt: "Choose a color", options };
  expect(asked?.data).toMatchObject({ ...question, response: null });
  expect(answered?.data).toMatchObject({ ...question, response: "Blue", answers: [["Blue"]] });
});

it.each([
  "Use the AskUserQuestion tool to ask exactly one yes/no question, then wait for a reply. Do not answer yourself.",
  "Call the AskUserQuestion tool with exactly one yes/no question and wait for a reply. Do not answer yourself.",
])("asks one question for %j", async (message) => {
  await using session = await openMock();
  const turn = session.post(text(message));
  const asked = await untilEvent(session.log, (event) => event.type === "question.requested");
  expect(asked.data).toMatchObject({
    question_id: "mock_1_question",
    prompt: "Proceed?",
    options: ["Yes", "No"],
  });
  await session.replyQuestion("mock_1_question", [["Yes"]]);
  await turn.ended;
  expect(tail(session, 5)).toHaveLength(3);
});

it.each<[PermissionReply, string]>([
  ["once", "accept"],
  ["always", "accept_for_session"],
  ["reject", "reject"],
])("shows the reply %j as %j", async (reply, status) => {
  await using session = await openMock();
  const turn = session.post(text("List files in the current directory using available tools."));
  await untilSequence(session, 5);
  await session.replyPermission("mock_1_permission", reply);
  await turn.ended;
  expect(tail(session, 5)).toEqual([
    "5 permission.requested mock_1_permission requested",
    `6 permission.resolved* mock_1_permission ${status}`,
    "7 turn.ended* turn_1 completed",
  ]);
  expect(readEvents(session.log)[5]?.data).toMatchObject({
    action: "command_execution",
    metadata: { codexRequestKind: "commandExecution", command: "ls" },
  });
});

it("asks again after `always`, is answered at once, and only for exactly the same", async () => {
  await using session = await openMock();
  const first = session.post(text("List files in the current directory using available tools."));
  await untilSequence(session, 5);
  await session.replyPermission("mock_1_permission", "always");
  await first.ended;
  await session.post(text("List files in the current directory using available tools.")).ended;
  expect(tail(session, 8)).toEqual([
    "8 turn.started* turn_2 user",
    "9 item.started itm_2 message mock_2_user",
    "10 item.completed itm_2 message mock_2_user",
    "11 permission.requested mock_2_permission requested",
    "12 permission.resolved* mock_2_permission accept_for_session",
    "13 turn.ended* turn_2 completed",
  ]);
  session.post(text("permission"));
  await untilSequence(session, 18);
  expect(session.info.pendingPermissions).toMatchObject([
    { permission_id: "mock_3_permission" },
    { permission_id: "mock_3_permission_denied" },
  ]);
});

it("leaves requests that are not its last word open after the turn", async () => {
  await using session = await openMock();
  const bash =
    "Use the bash tool to run `ls` in the current directory. Do not answer without using the tool.";
  await session.post(text(bash)).ended;
  await session.post(text("hello")).ended;
  expect(session.info.pendingPermissions).toMatchObject([{ permission_id: "mock_1_permission" }]);
  await session.replyPermission("mock_1_permission", "once");
  expect(session.info.pendingPermissions).toEqual([]);
});

it("waits for the requests of its own turn only", async () => {
  await using session = await openMock();
  await session.post(text("demo")).ended;
  const turn = session.post(text("question"));
  await untilEvent(session.log, (event) => brief(event).includes("mock_2_question_reject"));
  await session.replyQuestion("mock_2_question", [["Red"]]);
  await session.replyQuestion("mock_2_question_reject", [["No"]]);
  await turn.ended;
  expect(session.info.pendingQuestions).toMatchObject([
    { question_id: "mock_1_question" },
    { question_id: "mock_1_question_reject" },
  ]);
});

it("answers messages one after the other, each with ids of its own", async () => {
  await using session = await openMock();
  session.post(text("one"));
  session.post(text(""));
  await session.post(text("three")).ended;
  const starts = readEvents(session.log).flatMap(({ type, data }) => {
    if (type === "turn.started") return [data.turn_id];
    return type === "item.started" ? [data.item.native_item_id] : [];
  });
  expect(starts).toEqual([
    "turn_1",
    "mock_1_user",
    "mock_1_reply",
    "turn_2",
    "turn_3",
    "mock_3_user",
    "mock_3_reply",
  ]);
});

it("says its first word at once and pauses after each", async () => {
  await using session = await openMock({ pauseMs: hour });
  session.post(text("hello"));
  expect(session.log.lastSequence).toBe(2);
  await untilSequence(session, 3);
  await session.interrupt();
  expect(tail(session, 3)).toEqual([
    "3 item.started itm_1 message mock_1_user",
    "4 item.completed* itm_1 message mock_1_user",
    "5 turn.ended* turn_1 interrupted",
  ]);
});

it("pauses 200 milliseconds unless told otherwise", async () => {
  await using session = await openMock({});
  using timers = fakeTimers();
  const ended = vi.fn();
  void session.post(text("hello")).ended.then(ended);
  await timers.advance(199);
  const { lastSequence } = session.log;
  await timers.advance(1);
  expect(session.log.lastSequence).toBeGreaterThan(lastSequence);
  await timers.advance(3 * 200 - 1);
  expect(ended).not.toHaveBeenCalled();
  await timers.advance(200);
  expect(ended).toHaveBeenCalledOnce();
});

it("stops when it is interrupted while it waits for an answer", async () => {
  await using session = await openMock();
  session.post(text("permission"));
  const next = session.post(text("hello"));
  await untilSequence(session, 6);
  await session.interrupt();
  await next.ended;
  expect(tail(session, 7).slice(0, 4)).toEqual([
    "7 permission.resolved* mock_1_permission reject",
    "8 permission.resolved* mock_1_permission_denied reject",
    "9 turn.ended* turn_1 interrupted",
    "10 turn.started* turn_2 user",
  ]);
  expect(readEvents(session.log)[6]?.data).toMatchObject({ metadata: { reason: "interrupted" } });
});

it("does nothing when it is interrupted between turns", async () => {
  await using session = await openMock();
  await session.interrupt();
  await session.post(text("hello")).ended;
  await session.interrupt();
  expect(session.log.lastSequence).toBe(8);
});

it.each([
  ["while it speaks", "markdown", 6],
  ["while it waits for an answer", "question", 6],
])("stops when its session is terminated %s", async (_, message, sequence) => {
  await using session = await openMock({ pauseMs: 1 });
  session.post(text(message));
  await untilSequence(session, sequence);
  await session.terminate();
  expect(
    tail(session, session.log.lastSequence - 1).map((line) => line.replace(/^\d+ /, "")),
  ).toEqual(["turn.ended* turn_1 interrupted", "session.ended* terminated"]);
  expect(session.info).toMatchObject({ pendingPermissions: [], pendingQuestions: [] });
});

it("follows a script that a test gives it", async () => {
  const flood: MockScript = function* ({ prefix, text }) {
    const nativeId = `${prefix}_flood`;
    const count = Number(text.split(" ")[1]);
    for (let index = 0; index < count; index++) {
      yield Array.from(
        { length: 100 },
        () => ({ type: "item.delta", nativeId, delta: "x" }) as const,
      );
    }
  };
  await using session = await openMock({ pauseMs: 0, scripts: { flood } });
  await session.post(text("flood 3")).ended;
  const events = readEvents(session.log);
  expect(events.filter((event) => event.type === "item.delta")).toHaveLength(300);
  expect(events.at(-2)?.data).toMatchObject({
    item: { status: "failed", content: [{ text: "x".repeat(300) }] },
  });
});
