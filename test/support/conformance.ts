import { expect } from "vitest";
import type { ContentPart } from "../../src/schema/content.ts";
import { UniversalEvent } from "../../src/schema/event.ts";
import type { UniversalItem } from "../../src/schema/item.ts";
import { brief } from "./session-events.ts";

type EventOf<T extends UniversalEvent["type"]> = Extract<UniversalEvent, { type: T }>;

interface OpenItem {
  item: UniversalItem;
  text: string;
}

/** The payload of a permission or question that is asked. */
interface RequestData {
  status: string;
  metadata?: Record<string, unknown> | null | undefined;
}

/** What may differ from session to session. */
export interface Conformance {
  /** Whether the session must have ended. */
  ended?: boolean;
  /** Whether the agent may have said what is not of its protocol. */
  unparsed?: boolean;
}

/**
 * Fails where the events of a session, from the first on, are not what every agent's must be:
 * valid, numbered without gaps, turns in pairs that do not overlap, items started once and completed
 * once, requests resolved once, and nothing after the end.
 */
export function assertWellFormed(
  events: readonly unknown[],
  { ended, unparsed = false }: Conformance = {},
): void {
  const read = events.map(readEvent);
  assertNumbered(read);
  const walk = new Walk(unparsed);
  for (const event of read) {
    try {
      walk.take(event);
    } catch (cause) {
      const before = read.slice(Math.max(0, event.sequence - 12), event.sequence).map(brief);
      throw new Error(`${(cause as Error).message}\n${before.join("\n")}`, { cause });
    }
  }
  if (ended !== undefined) expect(read.at(-1)?.type === "session.ended", "has ended").toBe(ended);
}

/** An event as the schema reads it: nothing missing, nothing mistyped, no member it does not name. */
function readEvent(event: unknown): UniversalEvent {
  const parsed = UniversalEvent.safeParse(event);
  const text = JSON.stringify(event);
  expect(parsed.success, `${parsed.error?.message} in ${text}`).toBe(true);
  expect(parsed.data, `members that the schema does not name in ${text}`).toEqual(event);
  return parsed.data as UniversalEvent;
}

function assertNumbered(events: readonly UniversalEvent[]): void {
  const numbers = events.map((_, index) => index + 1);
  expect(events.map(({ sequence }) => sequence)).toEqual(numbers);
  expect(events.map(({ event_id }) => event_id)).toEqual(numbers.map((n) => `evt_${n}`));
  expect(new Set(events.map(({ session_id }) => session_id)).size).toBe(1);
  for (const { synthetic, source } of events) expect(source).toBe(synthetic ? "daemon" : "agent");
}

/** Goes through a session's events and keeps what is open. */
class Walk {
  readonly #turns = new Set<string>();
  readonly #items = new Map<string, OpenItem>();
  readonly #itemIds = new Set<string>();
  /** Items of tool calls by their call id. */
  readonly #calls = new Map<string, string>();
  readonly #requests = new Map<string, { background: boolean }>();
  readonly #requestIds = new Set<string>();
  readonly #unparsed: boolean;
  #turn: string | undefined;
  #ended = false;

  constructor(unparsed: boolean) {
    this.#unparsed = unparsed;
  }

  take(event: UniversalEvent): void {
    expect(this.#ended, "an event after session.ended").toBe(false);
    if (event.sequence === 1) expect(event.type).toBe("session.started");
    switch (event.type) {
      case "session.started":
        expect(event.sequence).toBe(1);
        return;
      case "session.ended":
        this.#expectNothingOpen();
        expect([...this.#requests.keys()], "requests open at the end").toEqual([]);
        this.#ended = true;
        return;
      case "turn.started":
        expect(this.#turn, "turns overlap").toBeUndefined();
        expect(event.data.turn_id).toBe(`turn_${this.#turns.size + 1}`);
        this.#turn = event.data.turn_id;
        this.#turns.add(event.data.turn_id);
        return;
      case "turn.ended":
        expect(event.data.turn_id, "ends another turn").toBe(this.#turn);
        this.#turn = undefined;
        this.#expectNothingOpen();
        return;
      case "item.started":
        this.#startItem(event);
        return;
      case "item.delta":
        this.#addDelta(event);
        return;
      case "item.completed":
        this.#completeItem(event.data.item);
        return;
      case "permission.requested":
        this.#open(`permission ${event.data.permission_id}`, event.data);
        return;
      case "question.requested":
        this.#open(`question ${event.data.question_id}`, event.data);
        return;
      case "permission.resolved":
        this.#resolve(`permission ${event.data.permission_id}`, event.data.status);
        return;
      case "question.resolved":
        this.#resolve(`question ${event.data.question_id}`, event.data.status);
        return;
      case "error":
        expect(event.data.message).not.toBe("");
        return;
      case "agent.unparsed":
        expect(this.#unparsed, `agent.unparsed: ${event.data.error}`).toBe(true);
    }
  }

  #startItem({ data: { item } }: EventOf<"item.started">): void {
    expect(item.status).toBe("in_progress");
    expect(this.#itemIds.has(item.item_id), "an item is started twice").toBe(false);
    this.#itemIds.add(item.item_id);
    this.#items.set(item.item_id, { item, text: "" });
    for (const part of item.content) {
      if (part.type === "tool_call") this.#calls.set(part.call_id, item.item_id);
    }
  }

  #addDelta({ data: { item_id, native_item_id, delta } }: EventOf<"item.delta">): void {
    const open = this.#items.get(item_id);
    expect(open?.item.native_item_id, "a delta of an item that is not open").toBe(native_item_id);
    if (open) open.text += delta;
  }

  #completeItem(item: UniversalItem): void {
    const open = this.#items.get(item.item_id);
    this.#items.delete(item.item_id);
    expect(open, "an item is completed that is not open").toBeDefined();
    expect(item.status).not.toBe("in_progress");
    const { native_item_id, parent_id, kind, role } = item;
    expect(open?.item).toMatchObject({ native_item_id, parent_id, kind, role });
    if (item.kind === "message" && item.role !== "user") {
      expect(open?.text, "deltas that do not add up to the completed text").toBe(textOf(item));
    }
    for (const part of item.content) this.#checkPart(part, item);
  }

  #checkPart(part: ContentPart, item: UniversalItem): void {
    if (part.type === "tool_call") {
      expect(this.#calls.get(part.call_id), "a call's item").toBe(item.item_id);
      expect(() => JSON.parse(part.arguments), "arguments are JSON").not.toThrow();
    }
    if (part.type !== "tool_result") return;
    const call = this.#calls.get(part.call_id);
    expect(call, `a result of ${part.call_id}, which nobody called`).toBeDefined();
    expect(item.parent_id, "a result's parent is its call").toBe(call);
  }

  #open(id: string, { status, metadata }: RequestData): void {
    const background = metadata?.["background"] === true;
    if (!background) expect(this.#turn, `${id} outside a turn`).toBeDefined();
    expect(status).toBe("requested");
    expect(this.#requestIds.has(id), `${id} is requested twice`).toBe(false);
    this.#requestIds.add(id);
    this.#requests.set(id, { background });
  }

  #resolve(id: string, status: string): void {
    expect(status).not.toBe("requested");
    expect(this.#requests.delete(id), `${id} is resolved and is not open`).toBe(true);
  }

  /** Work that goes on beside turns may wait for an answer when one ends. */
  #expectNothingOpen(): void {
    expect(this.#turn, "an open turn").toBeUndefined();
    expect([...this.#items.keys()], "open items").toEqual([]);
    const left = [...this.#requests].filter(([, { background }]) => !background);
    expect(left, "open requests").toEqual([]);
  }
}

/** What the deltas of a message must add up to. */
function textOf({ content }: UniversalItem): string {
  const texts = content.flatMap((part) =>
    part.type === "text" || part.type === "reasoning" ? [part.text] : [],
  );
  return texts.join("\n");
}
