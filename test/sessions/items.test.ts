import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import type { AgentItem, AgentOutput } from "../../src/agents/agent.ts";
import type { ContentPart } from "../../src/schema/content.ts";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { EventLog } from "../../src/sessions/event-log.ts";
import { Recorder } from "../../src/sessions/recorder.ts";
import { SessionImages } from "../../src/sessions/session-images.ts";
import { brief, openFake, readEvents, text } from "../support/session-events.ts";

function item(nativeId: string | null, over: Partial<AgentItem> = {}): AgentItem {
  return {
    nativeId,
    kind: "message",
    role: "assistant",
    content: [{ type: "text", text: "Hello" }],
    status: "in_progress",
    ...over,
  };
}

const start = (given: AgentItem): AgentOutput => ({ type: "item.started", item: given });
const complete = (given: AgentItem): AgentOutput => ({
  type: "item.completed",
  item: { ...given, status: "completed" },
});
const delta = (nativeId: string, text = "Hel"): AgentOutput => ({
  type: "item.delta",
  nativeId,
  delta: text,
});

/** The events that outputs become in the first turn of a session. */
async function recorded(outputs: AgentOutput[]) {
  const { session } = openFake({ startTurn: (agent) => agent.say(...outputs) });
  await using _session = session;
  session.post(text("a"));
  const events = readEvents(session.log).slice(2);
  await session.interrupt();
  return { events, after: readEvents(session.log).slice(2 + events.length) };
}

const tool = item("t", { kind: "tool_call" });

it.each<[string, AgentOutput[], string[]]>([
  [
    "as they come where nothing is missing",
    [start(item("m")), delta("m"), delta("m"), complete(item("m"))],
    [
      "3 item.started itm_1 message m",
      "4 item.delta itm_1",
      "5 item.delta itm_1",
      "6 item.completed itm_1 message m",
    ],
  ],
  [
    "with a start and the text as a delta where only the end came",
    [complete(item("m"))],
    ["3 item.started* itm_1 message m", "4 item.delta* itm_1", "5 item.completed itm_1 message m"],
  ],
  [
    "with a start where a delta came first",
    [delta("m"), complete(item("m"))],
    ["3 item.started* itm_1 message m", "4 item.delta itm_1", "5 item.completed itm_1 message m"],
  ],
  [
    "with one start where several came",
    [start(item("m")), start(item("m")), delta("m"), complete(item("m"))],
    ["3 item.started itm_1 message m", "4 item.delta itm_1", "5 item.completed itm_1 message m"],
  ],
  [
    "without a delta for what a user says",
    [complete(item("u", { role: "user" }))],
    ["3 item.started* itm_1 message u", "4 item.completed itm_1 message u"],
  ],
  [
    "without a delta for an empty text",
    [complete(item("m", { content: [] }))],
    ["3 item.started* itm_1 message m", "4 item.completed itm_1 message m"],
  ],
  [
    "without a delta for what is not a message",
    [complete(tool)],
    ["3 item.started* itm_1 tool_call t", "4 item.completed itm_1 tool_call t"],
  ],
  [
    "with ids of their own where they have no native id",
    [complete(item(null, { kind: "status" })), complete(item(null, { kind: "status" }))],
    [
      "3 item.started* itm_1 status null",
      "4 item.completed itm_1 status null",
      "5 item.started* itm_2 status null",
      "6 item.completed itm_2 status null",
    ],
  ],
])("records items %s", async (_, outputs, expected) => {
  expect((await recorded(outputs)).events.map(brief)).toEqual(expected);
});

it("joins the text parts of a message that came without deltas", async () => {
  const content: ContentPart[] = [
    { type: "text", text: "one" },
    { type: "reasoning", text: "hm", visibility: "public" },
    { type: "text", text: "two" },
  ];
  const { events } = await recorded([complete(item("m", { content }))]);
  expect(events[1]?.data).toEqual({ item_id: "itm_1", native_item_id: "m", delta: "one\ntwo" });
});

it("maps parents and subagents to our ids, also before the parent has been seen", async () => {
  const subagent = { id: "sub", name: "Explore" };
  const child = item("c", { parentNativeId: "t", subagent });
  const { events } = await recorded([start(child), start(tool)]);
  expect(events.map((event) => event.data)).toMatchObject([
    { item: { item_id: "itm_1", parent_id: "itm_2", subagent } },
    { item: { item_id: "itm_2", parent_id: null } },
  ]);
});

const reasoning: ContentPart = { type: "reasoning", text: "", visibility: "private" };
const result: ContentPart = { type: "tool_result", call_id: "c", output: "" };
const file: ContentPart = { type: "file_ref", path: "/a", action: "read", diff: null };
const hello: ContentPart = { type: "text", text: "Hello" };
const status: ContentPart = { type: "status", label: "task", detail: null };

it.each<[string, AgentOutput[], ContentPart[]]>([
  ["a text", [start(item("m", { content: [] })), delta("m"), delta("m", "lo")], [hello]],
  ["a text that was known", [start(item("m"))], [hello]],
  ["a placeholder", [start(item("m")), delta("m", "Hallo")], [{ type: "text", text: "Hallo" }]],
  ["an unannounced text", [delta("m", "Hello")], [hello]],
  [
    "reasoning",
    [start(item("m", { content: [reasoning] })), delta("m", "hm")],
    [{ ...reasoning, text: "hm" }],
  ],
  [
    "the output of a command",
    [start(item("r", { kind: "tool_result", content: [result, file] })), delta("r", "a\nb")],
    [{ ...result, output: "a\nb" }, file],
  ],
  [
    "what has no text of its own",
    [start(item("s", { kind: "status", content: [status] })), delta("s", "Hello")],
    [status, hello],
  ],
])("completes %s that is left open as failed, with what is known of it", async (...row) => {
  const [, outputs, content] = row;
  const { after } = await recorded(outputs);
  expect(after.map((event) => event.type)).toEqual(["item.completed", "turn.ended"]);
  expect(after[0]).toMatchObject({
    synthetic: true,
    data: { item: { status: "failed", content } },
  });
});

it("lets an item that ended with its turn go on as another, with what it had said", async () => {
  const place = { subagent: { id: "below" } };
  const outputs = [start(item("m", { content: [], ...place })), delta("m"), start(tool)];
  const { session, agent } = openFake({ startTurn: (agent) => agent.say(...outputs) });
  await using _session = session;
  session.post(text("a"));
  await session.interrupt();
  const before = session.log.lastSequence;
  agent.say(delta("m", "lo"), complete(item("m", place)), complete(tool));
  const later = readEvents(session.log).slice(before);
  expect(later.map(brief)).toEqual([
    `${before + 1} item.started* itm_3 message m`,
    `${before + 2} item.delta* itm_3`,
    `${before + 3} item.delta itm_3`,
    `${before + 4} item.completed itm_3 message m`,
    `${before + 5} item.started* itm_4 tool_call t`,
    `${before + 6} item.completed itm_4 tool_call t`,
  ]);
  expect(later[0]?.data).toMatchObject({ item: place });
});

it("leaves nothing open that has been completed", async () => {
  const { after } = await recorded([start(item("m")), complete(item("m"))]);
  expect(after.map((event) => event.type)).toEqual(["turn.ended"]);
});

it("keeps the agent's own message beside the event", async () => {
  const { session, agent } = openFake();
  await using _session = session;
  agent.say(
    { ...delta("m"), raw: '{"native":"é"}' },
    { type: "unparsed", error: "bad", location: "stdout", raw: '"what?"' },
    { ...delta("m"), synthetic: true },
  );
  const plain = readEvents(session.log).slice(1);
  expect(plain.map((event) => event.raw)).toEqual([null, null, null, null]);
  const raws = readEvents(session.log, true).slice(1);
  expect(raws.map((event) => event.raw)).toEqual([null, { native: "é" }, "what?", null]);
  expect(raws.map((event) => event.source)).toEqual(["daemon", "agent", "daemon", "daemon"]);
  expect(raws[2]?.data).toEqual({ error: "bad", location: "stdout", raw_hash: null });
});

it("writes an image that comes as data to a file of the session", async () => {
  const data = Buffer.from("pixels").toString("base64");
  const image = { type: "image_data", data, mime: "image/png" } as const;
  const { events } = await recorded([
    complete(item("i", { kind: "tool_result", content: [image] })),
  ]);
  const [part] = events.flatMap((event) =>
    event.type === "item.completed" ? event.data.item.content : [],
  );
  expect(part).toEqual({ type: "image", path: expect.any(String), mime: "image/png" });
  // Gone with the session.
  expect(existsSync(part?.type === "image" ? part.path : "/")).toBe(false);
});

it("says so where an image cannot be written", async () => {
  const log = new EventLog(new EventBuffer(1 << 20));
  const saveNow = () => {
    throw new Error("no space left");
  };
  const recorder = new Recorder("s", log, Date.now, new SessionImages({ saveNow }));
  const image = { type: "image_data", data: "", mime: "image/png" } as const;
  recorder.completeItem(item("i", { content: [image] }), { synthetic: false });
  expect(JSON.stringify(readEvents(log).at(-1)?.data)).toContain("no space left");
});
