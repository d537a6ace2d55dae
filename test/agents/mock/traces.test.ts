import { expect, it } from "vitest";
import { UniversalEvent } from "../../../src/schema/event.ts";
import { brief, openMock, readEvents, text } from "../../support/session-events.ts";

const echo = [
  "2 turn.started* turn_1 user",
  "3 item.started itm_1 message mock_1_user",
  "4 item.completed itm_1 message mock_1_user",
];

/** A message of one text as the second item, and the end of the turn. */
function said(name: string): string[] {
  return [
    ...echo,
    `5 item.started itm_2 message mock_1_${name}`,
    "6 item.delta* itm_2",
    `7 item.completed itm_2 message mock_1_${name}`,
    "8 turn.ended* turn_1 completed",
  ];
}

const unparsed = [...echo, "5 agent.unparsed*", "6 turn.ended* turn_1 completed"];
const toolItems = (first: number): string[] => [
  `${first} item.started itm_2 tool_call mock_1_tool_call`,
  `${first + 1} item.completed itm_2 tool_call mock_1_tool_call`,
  `${first + 2} item.started itm_3 tool_result mock_1_tool_result`,
  `${first + 3} item.completed itm_3 tool_result mock_1_tool_result`,
  `${first + 4} turn.ended* turn_1 completed`,
];
const twoEvents = (kind: string): string[] => [
  ...echo,
  `5 item.started itm_2 ${kind} mock_1_${kind}`,
  `6 item.completed itm_2 ${kind} mock_1_${kind}`,
  "7 turn.ended* turn_1 completed",
];
const rich = [
  ...echo,
  "5 item.started itm_2 message mock_1_assistant_rich",
  "6 item.delta itm_2",
  "7 item.delta itm_2",
  "8 item.completed itm_2 message mock_1_assistant_rich",
  "9 turn.ended* turn_1 completed",
];
const markdown = [
  ...echo,
  "5 item.started itm_2 message mock_1_markdown",
  ...Array.from({ length: 8 }, (_, index) => `${index + 6} item.delta itm_2`),
  "14 item.completed itm_2 message mock_1_markdown",
  "15 turn.ended* turn_1 completed",
];
const error = [...echo, "5 error*", "6 agent.unparsed*", "7 turn.ended* turn_1 completed"];

it.each<[string, string[]]>([
  ["hello", said("reply")],
  ["  hello  ", said("reply")],
  ["help", said("help")],
  ["HELP me", said("help")],
  ["echo a  b", said("echo")],
  ["say a", said("echo")],
  ["Reply with exactly the single word OK.", said("ok")],
  [" REPLY with exactly the word first. ", said("first")],
  ["Reply with exactly the word SECOND.", said("second")],
  ["Reply with exactly the word THIRD.", said("reply")],
  ["image", said("image")],
  ["markdown", markdown],
  ["Answer briefly and include your reasoning.", rich],
  ["status", twoEvents("status")],
  ["Provide a short status update.", twoEvents("status")],
  ["unknown", twoEvents("unknown")],
  ["tool", [...echo, ...toolItems(5)]],
  ["tools", [...echo, ...toolItems(5)]],
  ["tooling now", [...echo, ...toolItems(5)]],
  [
    "Use the bash tool to run `ls` in the current directory. Do not answer without using the tool.",
    [...echo, "5 permission.requested mock_1_permission requested", ...toolItems(6)],
  ],
  ["error", error],
  ["unparsed", unparsed],
  ["", ["2 turn.started* turn_1 user", "3 turn.ended* turn_1 completed"]],
  [" \n\t", ["2 turn.started* turn_1 user", "3 turn.ended* turn_1 completed"]],
])("answers %j with the events of the reference", async (message, expected) => {
  await using session = await openMock();
  await session.post(text(message)).ended;
  const events = readEvents(session.log);
  for (const event of events) {
    expect(UniversalEvent.parse(event)).toEqual(event);
    expect(event).toMatchObject({
      event_id: `evt_${event.sequence}`,
      native_session_id: "mock-s",
      source: event.synthetic ? "daemon" : "agent",
      raw: null,
    });
  }
  expect(events.map(brief)).toEqual(["1 session.started*", ...expected]);
});

it.each(["end", "ended", "session.end"])("ends the session on %j, its turn first", async (word) => {
  await using session = await openMock();
  await session.post(text(word)).ended;
  expect(readEvents(session.log).map(brief)).toEqual([
    "1 session.started*",
    ...echo,
    "5 turn.ended* turn_1 completed",
    "6 session.ended* completed",
  ]);
  expect(readEvents(session.log).at(-1)?.data).toEqual({
    reason: "completed",
    terminated_by: "agent",
  });
  expect(session.info.status).toBe("ended");
  expect(() => session.post(text("hello"))).toThrow("session ended: create another session");
});

it("numbers the events and items of a demo as the reference does", async () => {
  await using session = await openMock();
  await session.post(text("demo")).ended;
  const announced = (sequence: number, item: number, marker: number): string[] => [
    `${sequence} item.started itm_${item} message mock_1_marker_${marker}`,
    `${sequence + 1} item.delta* itm_${item}`,
    `${sequence + 2} item.completed itm_${item} message mock_1_marker_${marker}`,
  ];
  const pair = (sequence: number, item: number, kind: string, name = kind): string[] => [
    `${sequence} item.started itm_${item} ${kind} mock_1_${name}`,
    `${sequence + 1} item.completed itm_${item} ${kind} mock_1_${name}`,
  ];
  expect(readEvents(session.log).map(brief)).toEqual([
    "1 session.started*",
    ...echo,
    ...announced(5, 2, 1),
    ...pair(8, 3, "system"),
    ...announced(10, 4, 2),
    "13 item.started itm_5 message mock_1_assistant_rich",
    "14 item.delta itm_5",
    "15 item.delta itm_5",
    "16 item.completed itm_5 message mock_1_assistant_rich",
    ...announced(17, 6, 3),
    ...pair(20, 7, "status"),
    ...announced(22, 8, 4),
    "25 item.started itm_9 message mock_1_markdown",
    ...Array.from({ length: 8 }, (_, index) => `${index + 26} item.delta itm_9`),
    "34 item.completed itm_9 message mock_1_markdown",
    ...announced(35, 10, 5),
    ...pair(38, 11, "tool_call"),
    ...pair(40, 12, "tool_result"),
    ...announced(42, 13, 6),
    "45 item.started itm_14 message mock_1_image",
    "46 item.delta* itm_14",
    "47 item.completed itm_14 message mock_1_image",
    ...announced(48, 15, 7),
    ...pair(51, 16, "unknown"),
    ...announced(53, 17, 8),
    "56 permission.requested mock_1_permission requested",
    "57 permission.requested mock_1_permission_denied requested",
    ...announced(58, 18, 9),
    "61 question.requested mock_1_question requested",
    "62 question.requested mock_1_question_reject requested",
    ...announced(63, 19, 10),
    "66 error*",
    "67 agent.unparsed*",
    "68 turn.ended* turn_1 completed",
  ]);
  expect(session.info).toMatchObject({
    status: "idle",
    pendingPermissions: [{ permission_id: "mock_1_permission" }, {}],
    pendingQuestions: [{ question_id: "mock_1_question" }, {}],
  });
});
