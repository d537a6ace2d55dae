import type { ContentPart } from "../../schema/content.ts";
import type { ItemDeltaData } from "../../schema/event.ts";
import type { UniversalItem } from "../../schema/item.ts";
import { OutputTail } from "./output-tail.ts";
import type { RowList } from "./row-list.ts";
import type { Draft, Row, ToolRow } from "./rows.ts";
import { divide, LONGEST_PIECE, type TextPiece } from "./text-pieces.ts";

/** An item, and the rows that show it. */
interface Shown {
  item: UniversalItem;
  rows: Row[];
  parent: ToolRow | undefined;
  /** The call that it is, or whose result it is. */
  tool: ToolRow | undefined;
  /** What its deltas add to; `nothing` where nobody is to see it. */
  grows: "text" | "reasoning" | "output" | "nothing";
  hasDelta: boolean;
}

/** Turns items into rows: what they are at first, what comes in pieces, and what they are in the end. */
export class ItemRows {
  readonly #list: RowList;
  /** Those that may still change. */
  readonly #open = new Map<string, Shown>();
  readonly #tools = new Map<string, ToolRow>();
  /** The same by the agent's id of the call, for a result that names nothing else. */
  readonly #calls = new Map<string, ToolRow>();
  /** Calls without a result. */
  readonly #waiting = new Set<ToolRow>();

  constructor(list: RowList) {
    this.#list = list;
  }

  start(item: UniversalItem, at: number): void {
    const parent = this.#parentOf(item, at);
    const shown: Shown = {
      item,
      rows: [],
      parent,
      tool: undefined,
      grows: growing(item),
      hasDelta: false,
    };
    this.#open.set(item.item_id, shown);
    if (item.kind === "tool_call") this.#call(shown, at);
    else if (item.kind === "tool_result") this.#result(shown, at);
    else this.#show(shown, item);
  }

  addDelta({ item_id, delta }: ItemDeltaData): void {
    const shown = this.#open.get(item_id) ?? this.#startedBefore(item_id);
    if (shown.grows === "output") {
      shown.tool?.output.append(delta);
      if (shown.tool) this.#list.touch(shown.tool);
    } else if (shown.grows !== "nothing") {
      // What an item had at its start comes once more as its deltas.
      if (shown.hasDelta) this.#grow(shown, delta);
      else this.#reconcile(shown, beginning(shown, delta));
    }
    shown.hasDelta = true;
  }

  complete(item: UniversalItem, at: number): void {
    if (!this.#open.has(item.item_id)) this.start(item, at);
    const shown = this.#open.get(item.item_id);
    this.#open.delete(item.item_id);
    if (!shown) return;
    const { tool } = shown;
    if (tool && item.kind === "tool_call") this.#completeCall(tool, item);
    else if (tool) this.#completeResult(tool, item, at);
    else this.#show(shown, item);
  }

  /** The turn has ended: of calls that have no result by now none is to be waited for. */
  settle(): void {
    for (const tool of this.#waiting) {
      if (tool.status === "in_progress") tool.status = "completed";
      this.#list.touch(tool);
    }
    this.#waiting.clear();
  }

  #call(shown: Shown, at: number): void {
    const { item, parent } = shown;
    const call = item.content.find((part) => part.type === "tool_call");
    // Where its start is not known, what a subagent did for it may have been told before.
    const known = this.#tools.get(item.item_id);
    this.#take(shown, known ?? this.#list.add(item.item_id, { ...newTool(at), call }, parent));
    if (!shown.tool) return;
    this.#waiting.add(shown.tool);
    if (call) this.#calls.set(call.call_id, shown.tool);
  }

  #result(shown: Shown, at: number): void {
    const { item, parent } = shown;
    const part = item.content.find((one) => one.type === "tool_result");
    const call = parent ?? this.#calls.get(part?.call_id ?? "");
    if (call && !call.hasResult) {
      shown.tool = call;
      this.#list.alias(item.item_id, call);
    } else this.#take(shown, this.#list.add(item.item_id, newTool(at), parent));
    const { tool } = shown;
    if (!tool) return;
    tool.hasResult = true;
    tool.status = "in_progress";
    this.#waiting.delete(tool);
    if (part) tool.output.append(part.output);
    this.#list.touch(tool);
  }

  #take(shown: Shown, row: Row): void {
    if (row.kind !== "tool") return;
    shown.rows.push(row);
    shown.tool = row;
    this.#tools.set(shown.item.item_id, row);
  }

  #completeCall(tool: ToolRow, item: UniversalItem): void {
    tool.call = item.content.find((part) => part.type === "tool_call") ?? tool.call;
    // It has been made; what became of it its result tells.
    if (!tool.hasResult && item.status === "failed") tool.status = "failed";
    this.#list.touch(tool);
  }

  #completeResult(tool: ToolRow, item: UniversalItem, at: number): void {
    const result = item.content.find((part) => part.type === "tool_result");
    tool.status = item.status;
    tool.parts = item.content.filter((part) => part.type !== "tool_result");
    tool.exitCode = result?.exit_code;
    tool.durationMs = result?.duration_ms ?? Math.max(0, at - tool.startedAt);
    if (result) tool.output.replace(result.output);
    this.#list.touch(tool);
  }

  #show(shown: Shown, item: UniversalItem): void {
    shown.item = item;
    const whole = item.content.length === 1 ? item.content[0] : undefined;
    if (shown.hasDelta && whole && "text" in whole && textOf(shown.rows) === whole.text) {
      for (const row of shown.rows) {
        if (row.kind === "text" || row.kind === "reasoning") row.status = item.status;
        this.#list.touch(row);
      }
      return;
    }
    this.#reconcile(
      shown,
      item.content.flatMap((part) => draftsOf(item, part)),
    );
  }

  /** Makes the rows of an item those that it is to have, in the place of those that it had. */
  #reconcile(shown: Shown, drafts: Draft[]): void {
    const { rows } = shown;
    for (const row of rows.slice(drafts.length)) this.#list.remove(row);
    shown.rows = [];
    for (const [index, draft] of drafts.entries()) {
      const old = rows[index];
      if (old) shown.rows.push(this.#list.replace(old, draft));
      else this.#append(shown, draft);
    }
  }

  #append(shown: Shown, draft: Draft): void {
    const before = shown.rows.at(-1);
    const row = before
      ? this.#list.addAfter(before, draft)
      : this.#list.add(shown.item.item_id, draft, shown.parent);
    shown.rows.push(row);
  }

  #grow(shown: Shown, delta: string): void {
    const last = shown.rows.at(-1);
    if (last?.kind !== "text" && last?.kind !== "reasoning") {
      for (const draft of beginning(shown, delta)) this.#append(shown, draft);
      return;
    }
    last.text += delta;
    this.#list.touch(last);
    if (last.kind === "reasoning" || last.text.length <= LONGEST_PIECE) return;
    const [first, ...more] = divide(last.text, last.fence);
    last.text = first?.text ?? "";
    for (const piece of more) this.#append(shown, textDraft(shown.item, piece, false));
  }

  /** The call below which an item is shown. A subagent's may have been made before what is known. */
  #parentOf({ parent_id, subagent }: UniversalItem, at: number): ToolRow | undefined {
    if (parent_id === null) return undefined;
    const known = this.#tools.get(parent_id);
    if (known || !subagent) return known;
    const row = this.#list.add(parent_id, newTool(at));
    if (row.kind !== "tool") return undefined;
    this.#tools.set(parent_id, row);
    this.#waiting.add(row);
    return row;
  }

  /** An item whose start is no longer kept. */
  #startedBefore(itemId: string): Shown {
    const item: UniversalItem = {
      item_id: itemId,
      native_item_id: null,
      parent_id: null,
      kind: "message",
      role: "assistant",
      content: [],
      status: "in_progress",
    };
    const shown: Shown = {
      item,
      rows: [],
      parent: undefined,
      tool: undefined,
      grows: "text",
      hasDelta: false,
    };
    this.#open.set(itemId, shown);
    return shown;
  }
}

function growing({ kind, content: [first] }: UniversalItem): Shown["grows"] {
  if (kind === "tool_result") return "output";
  if (kind === "tool_call") return "nothing";
  if (first?.type !== "reasoning") return "text";
  return first.visibility === "private" ? "nothing" : "reasoning";
}

/** The rows of what has been said first. */
function beginning({ item, grows }: Shown, text: string): Draft[] {
  if (grows === "reasoning") return [{ kind: "reasoning", text, status: "in_progress" }];
  return divide(text).map((piece, index) => textDraft(item, piece, index === 0));
}

function newTool(at: number): Extract<Draft, { kind: "tool" }> {
  return {
    kind: "tool",
    call: undefined,
    status: "in_progress",
    hasResult: false,
    output: new OutputTail(),
    exitCode: undefined,
    startedAt: at,
    durationMs: undefined,
    parts: [],
    children: [],
  };
}

function draftsOf(item: UniversalItem, part: ContentPart): Draft[] {
  const { status } = item;
  switch (part.type) {
    case "text":
      return divide(part.text).map((piece, index) => textDraft(item, piece, index === 0));
    case "reasoning":
      if (part.visibility === "private") return [];
      return [{ kind: "reasoning", text: part.text, status }];
    case "plan":
      return [{ kind: "plan", entries: part.entries }];
    case "tool_call":
      return [{ kind: "part", part: { type: "json", json: part }, status }];
    case "tool_result":
      return [{ kind: "part", part: { type: "json", json: part }, status }];
    default:
      return [{ kind: "part", part, status }];
  }
}

function textDraft(
  { role, kind, status }: UniversalItem,
  piece: TextPiece,
  isFirst: boolean,
): Extract<Draft, { kind: "text" }> {
  return { kind: "text", ...piece, role, status, isFirst, isUnknown: kind === "unknown" };
}

function textOf(rows: readonly Row[]): string {
  return rows
    .map((row) => (row.kind === "text" || row.kind === "reasoning" ? row.text : ""))
    .join("");
}
