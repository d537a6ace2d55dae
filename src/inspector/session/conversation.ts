import type { PlanEntry } from "../../schema/content.ts";
import type { TurnEndedMetadata, UniversalEvent } from "../../schema/event.ts";
import type { UniversalItem } from "../../schema/item.ts";
import type { PermissionEventData } from "../../schema/permission.ts";
import type { QuestionEventData } from "../../schema/question.ts";
import { ItemRows } from "./item-rows.ts";
import { RowList } from "./row-list.ts";
import type { RequestRow, Row } from "./rows.ts";

/** The turn that runs. */
export interface RunningTurn {
  id: string;
  /** Milliseconds since 1970. */
  startedAt: number;
}

/**
 * A session as a person sees it: a function of its events, which are given in order. What an event does
 * not concern stays as it is, so that one more costs the same however many there were.
 */
export class Conversation {
  /** What was said and done, oldest first. */
  readonly rows: Row[] = [];
  /** What waits for an answer, oldest first. */
  readonly requests: RequestRow[] = [];
  /** The messages of the user, oldest first. */
  readonly said: string[] = [];
  turn: RunningTurn | undefined;
  /** How many turns have ended. */
  turns = 0;
  /** The ids of the turns that have begun, where their messages no longer wait. */
  readonly begun = new Set<string>();
  plan: PlanEntry[] = [];
  /** What the last turn that told took of its model's context: a share from 0 to 1. */
  context: number | undefined;
  hasEnded = false;
  /** Grows with each event. */
  version = 0;
  readonly #list: RowList;
  readonly #items: ItemRows;
  #lastError = "";

  /** Its rows have the keys behind `keys`. */
  constructor(keys = 0) {
    this.#list = new RowList(this.rows, keys);
    this.#items = new ItemRows(this.#list);
  }

  /** The conversation after one more event. */
  apply(event: UniversalEvent): void {
    this.version += 1;
    const { type, data, event_id } = event;
    switch (type) {
      case "item.delta":
        return this.#items.addDelta(data);
      case "item.started":
        return this.#items.start(data.item, Date.parse(event.time));
      case "item.completed":
        return this.#complete(data.item, Date.parse(event.time));
      case "turn.started":
        this.#lastError = "";
        this.turn = { id: data.turn_id, startedAt: Date.parse(event.time) };
        this.begun.add(data.turn_id);
        if (data.metadata.origin === "agent") {
          this.#list.add(data.turn_id, { kind: "turn", metadata: undefined });
        }
        return;
      case "turn.ended":
        return this.#endTurn(data.turn_id, data.metadata);
      case "permission.requested":
        return this.askPermission(data);
      case "question.requested":
        return this.askQuestion(data);
      case "permission.resolved":
        return this.#resolve(data.permission_id, data, undefined);
      case "question.resolved":
        return this.#resolve(data.question_id, undefined, data);
      case "error":
        this.#lastError = data.message;
        this.#list.add(event_id, { kind: "error", error: data });
        return;
      case "agent.unparsed": {
        const { error, location } = data;
        this.#list.add(event_id, { kind: "unparsed", error, location });
        return;
      }
      case "session.ended":
        this.turn = undefined;
        this.hasEnded = true;
        this.#items.settle();
        this.#list.add("session", { kind: "end", data });
        return;
      case "session.started":
        return;
    }
  }

  askPermission(data: PermissionEventData): void {
    this.#ask(this.#list.add(data.permission_id, { kind: "permission", data }));
  }

  askQuestion(data: QuestionEventData): void {
    this.#ask(this.#list.add(data.question_id, { kind: "question", data }));
  }

  /** The row that shows what an event is about, see `subjectOf`; one below a tool call is within its row. */
  find(subject: string): Row | undefined {
    return this.#list.find(subject);
  }

  #complete(item: UniversalItem, at: number): void {
    this.#items.complete(item, at);
    for (const part of item.content) {
      if (part.type === "plan" && item.parent_id === null) this.plan = part.entries;
      if (part.type === "text" && item.role === "user" && item.parent_id === null) {
        this.said.push(part.text);
      }
    }
  }

  #endTurn(turnId: string, metadata: TurnEndedMetadata): void {
    const { error, usage } = metadata;
    this.turn = undefined;
    this.turns += 1;
    if (usage?.context_window) {
      this.context = Math.min(1, usage.input_tokens / usage.context_window);
    }
    this.#items.settle();
    // A turn fails for what has been told before, or for something new.
    if (error && error.message !== this.#lastError) {
      this.#list.add(`${turnId} error`, { kind: "error", error: { ...error, details: null } });
    }
    this.#list.add(turnId, { kind: "turn", metadata });
  }

  #ask(row: Row): void {
    if (row.kind === "permission" || row.kind === "question") this.requests.push(row);
  }

  #resolve(
    id: string,
    permission: PermissionEventData | undefined,
    question: QuestionEventData | undefined,
  ): void {
    const at = this.requests.findIndex(({ subject }) => subject === id);
    if (at !== -1) this.requests.splice(at, 1);
    const row = this.#list.find(id);
    if (row?.kind === "permission" && permission) row.data = permission;
    else if (row?.kind === "question" && question) row.data = question;
    else if (permission) this.#list.add(id, { kind: "permission", data: permission });
    else if (question) this.#list.add(id, { kind: "question", data: question });
    if (row) this.#list.touch(row);
  }
}
