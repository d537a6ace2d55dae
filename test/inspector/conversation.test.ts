import { expect, it } from "vitest";
import { Conversation } from "../../src/inspector/session/conversation.ts";
import type { ToolRow } from "../../src/inspector/session/rows.ts";
import { subjectOf } from "../../src/inspector/session/subject.ts";
import type { UniversalEvent } from "../../src/schema/event.ts";
import { openMock, readEvents, text, untilEvent } from "../support/session-events.ts";
import { all, conversationOf, outline } from "./outline.ts";
import { recorded, recordings } from "./recorded.ts";

function textOf(conversation: Conversation, subject: string): string {
  return all(conversation.rows)
    .map((row) => (row.kind === "text" && row.subject === subject ? row.text : ""))
    .join("");
}

it("shows the mock agent's demo from end to end", async () => {
  await using session = await openMock();
  session.post(text("demo"));
  await untilEvent(session.log, ({ type }) => type === "turn.ended");
  const asking = conversationOf(readEvents(session.log));
  expect(asking.requests.map(({ kind }) => kind)).toEqual([
    "permission",
    "permission",
    "question",
    "question",
  ]);
  const [first, second] = asking.requests;
  await session.replyPermission(first?.subject ?? "", "once");
  await session.replyPermission(second?.subject ?? "", "reject");
  const conversation = conversationOf(readEvents(session.log));
  expect(outline(conversation.rows)).toMatchSnapshot();
  expect(conversation.said).toEqual(["demo"]);
  expect(conversation.turn).toBeUndefined();
  expect(conversation.requests.map(({ kind }) => kind)).toEqual(["question", "question"]);
});

it.each(recordings)(
  "says of %s what its completed items say, whatever came in pieces",
  async (name) => {
    const events = await recorded(name);
    const conversation = conversationOf(events);
    const withoutDeltas = conversationOf(events.filter(({ type }) => type !== "item.delta"));
    for (const { type, data } of events) {
      if (type !== "item.completed" || data.item.kind === "tool_call") continue;
      const said = data.item.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
      if (data.item.kind === "tool_result") continue;
      expect(textOf(conversation, data.item.item_id)).toBe(said.join(""));
      expect(textOf(withoutDeltas, data.item.item_id)).toBe(said.join(""));
    }
    // An item stands where it was first heard of, which may be before others that ended sooner.
    expect(outline(conversation.rows).toSorted()).toEqual(outline(withoutDeltas.rows).toSorted());
  },
);

it.each(recordings)(
  "knows of %s where each event is shown, and how each call went",
  async (name) => {
    const events = await recorded(name);
    const conversation = conversationOf(events);
    const shown = new Set(all(conversation.rows).map(({ subject }) => subject));
    for (const event of events) {
      if (event.type === "session.started" || event.type === "turn.started") continue;
      if (event.type !== "item.completed") continue;
      const { item } = event.data;
      const isHidden = item.content.every((part) => part.type === "text" && part.text === "");
      const isPrivate = item.content.some(
        (part) => part.type === "reasoning" && part.visibility === "private",
      );
      if (isHidden || isPrivate) continue;
      const row = conversation.find(subjectOf(event));
      expect(row, JSON.stringify(item)).toBeDefined();
      expect(shown).toContain(row?.subject);
      if (item.kind === "tool_result" && row?.kind === "tool") {
        expect(row.status).toBe(item.status);
        const result = item.content.find((part) => part.type === "tool_result");
        expect(row.output.whole()).toBe(result?.output);
        expect(row.exitCode).toBe(result?.exit_code);
      }
    }
    if (events.some(({ type }) => type === "turn.ended")) {
      const running = all(conversation.rows).filter(
        (row): row is ToolRow => row.kind === "tool" && !row.hasResult,
      );
      for (const row of running) expect(row.status).not.toBe("in_progress");
    }
  },
);

it("shows what a subagent does below the call that started it", async () => {
  const conversation = conversationOf(await recorded("claude/subagent-files"));
  expect(outline(conversation.rows)).toMatchSnapshot();
});

it("shows what a subagent does in one card, also where the call that started it is not known", async () => {
  const events = await recorded("claude/subagent-files");
  const [call] = events.flatMap(({ type, data }) =>
    type === "item.started" && data.item.subagent ? [data.item.parent_id] : [],
  );
  const start = events.findIndex((event) => subjectOf(event) === call);
  const whole = conversationOf(events).find(call ?? "");
  const later = conversationOf(events.slice(start + 1));
  expect(whole && outline([whole]).length).toBeGreaterThan(5);
  expect(outline(later.rows.filter(({ kind }) => kind === "tool"))).toEqual(
    whole && outline([whole]),
  );
});

it("keeps the newest plan, and tells of each change", async () => {
  const conversation = conversationOf(await recorded("claude/todo"));
  expect(conversation.plan.length).toBeGreaterThan(0);
  expect(conversation.rows.filter(({ kind }) => kind === "plan").length).toBeGreaterThan(0);
});

it("knows how much of the model's context the last turn took", async () => {
  const events = await recorded("claude/two-turns");
  const [usage] = events
    .flatMap(({ type, data }) => (type === "turn.ended" ? [data.metadata.usage] : []))
    .slice(-1);
  const { input_tokens = 0, context_window = 0 } = usage ?? {};
  expect(context_window).toBeGreaterThan(0);
  expect(conversationOf(events).context).toBe(input_tokens / context_window);
});

it("tells once why a turn has failed", async () => {
  const conversation = conversationOf(await recorded("claude/error-401"));
  const errors = conversation.rows.filter((row) => row.kind === "error");
  expect(errors).toHaveLength(1);
});

function delta(sequence: number, delta: string): UniversalEvent {
  return {
    event_id: `evt_${sequence}`,
    sequence,
    time: "2026-11-24T00:13:23.195Z",
    session_id: "s",
    native_session_id: null,
    synthetic: false,
    source: "agent",
    type: "item.delta",
    data: { item_id: "itm_1", native_item_id: null, delta },
    raw: null,
  };
}

it("changes nothing but the end of a long message that grows", () => {
  const conversation = new Conversation();
  for (let n = 1; n <= 20_000; n++) conversation.apply(delta(n, "more words of it "));
  const before = conversation.rows.map(({ key, version }) => ({ key, version }));
  expect(before.length).toBeGreaterThan(100);
  conversation.apply(delta(20_001, "and more"));
  const after = conversation.rows.map(({ key, version }) => ({ key, version }));
  expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
  expect(after.at(-1)?.version).toBeGreaterThan(before.at(-1)?.version ?? Infinity);
});
