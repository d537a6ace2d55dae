import type { AgentOutput } from "../agent.ts";
import type { KnownFiles } from "../file-facts.ts";
import { ownMember, shown } from "../foreign.ts";
import { isRecord } from "../json-line.ts";
import { RecentMap, sizeOfJson } from "../../io/recent-map.ts";
import type { Usage } from "../../schema/usage.ts";
import type { AskedItem } from "./ask.ts";
import { asyncQuestion } from "./async-question.ts";
import { Commands } from "./commands.ts";
import {
  bareResult,
  begunItem,
  completeItems,
  type Place,
  planItem,
  statusItem,
  unifiedDiff,
  unknownItem,
  userMessageItem,
} from "./items.ts";
import { noticeOf, SILENT } from "./notices.ts";
import { errorOf, usageOf } from "./outcome.ts";
import * as protocol from "./protocol.ts";
import type { ThreadCommands } from "./stop.ts";

const DELTAS = new Set([
  "item/agentMessage/delta",
  "item/plan/delta",
  "item/reasoning/summaryTextDelta",
  "item/reasoning/textDelta",
]);

/** Items that are notices, by their types: the label of each. */
const NOTICE_ITEMS: Record<string, string> = {
  contextCompaction: "compaction",
  enteredReviewMode: "mode",
  exitedReviewMode: "mode",
  hookPrompt: "hook",
};

/** Turns what the server says of one thread into events, and keeps only what later ones refer to. */
export class Translator {
  /** The text of the plan that this turn has proposed. */
  plan: string | undefined;
  readonly #place: Place;
  readonly files: KnownFiles | undefined;
  /** The threads of subagents that are known. */
  readonly #children = new RecentMap<true>();
  readonly #introduced: [thread: string, call: string][] = [];
  readonly #changes = new RecentMap<AskedItem>({ sizeOf: sizeOfJson });
  /** Messages that have begun. */
  readonly #open = new RecentMap<true>();
  /** Calls that have no result yet. */
  readonly #calls = new RecentMap<true>();
  /** Calls whose result we have given: nothing more is told of them. */
  readonly #closed = new RecentMap<true>();
  /** The part of a reasoning that spoke last. */
  readonly #parts = new RecentMap<string>();
  readonly #commands: Commands;
  /** The state of the thread's goal that was told last. */
  #goal: string | undefined;
  #hasGoal = false;
  readonly #existed = (path: string): boolean => this.files?.isOld(path) === true;
  #total: protocol.TokenCounts | undefined;
  #turnBegan: protocol.TokenCounts | undefined;
  #contextWindow: number | null | undefined;

  /** `files` reads the files that the thread adds. */
  constructor(place: Place = {}, files?: KnownFiles) {
    this.#place = place;
    this.files = files;
    this.#commands = new Commands(place);
  }

  /** Whether the thread begins turns by itself, to reach a goal. */
  get hasGoal(): boolean {
    return this.#hasGoal;
  }

  /** Whether the model is in the middle of a message. */
  get isSpeaking(): boolean {
    return this.#open.size > 0;
  }

  /** Whether this is told of a command that has outlived its turn. */
  isBackground({ item, itemId }: Record<string, unknown>): boolean {
    return this.#commands.isBackground(isRecord(item) ? item["id"] : itemId);
  }

  /** The thread's commands, for who stops its turn; `isAsked`: whether it is open whether one is allowed. */
  commands(isAsked: (callId: string) => boolean): ThreadCommands {
    return {
      begun: () => this.#commands.running.filter((id) => !isAsked(id)),
      isKept: (itemId) => this.#commands.isBackground(itemId),
    };
  }

  /** A turn begins: what is used from here on is its. */
  beginTurn(): void {
    this.plan = undefined;
    this.#turnBegan = this.#total;
    this.#open.clear();
    this.#parts.clear();
  }

  /**
   * The turn is about to end: what is left of it to tell. `stopped`: with all that it had begun; else
   * its commands go on. A call of which nothing more will be heard has failed.
   */
  endTurn(stopped: boolean): AgentOutput[] {
    const goingOn = stopped ? [] : this.#commands.turnEnded();
    const lost = [...this.#calls.keys()].filter((id) => !this.#commands.isBackground(id));
    this.#calls.clear();
    const failed = lost.map((id): AgentOutput => {
      this.#closed.set(id, true);
      const item = bareResult(id, this.#commands.stopped(id), "failed", this.#place);
      return { ...completed(item), synthetic: true };
    });
    return [...goingOn, ...failed];
  }

  /** The server has gone. */
  lose(): AgentOutput[] {
    return [...this.endTurn(true), ...this.#commands.lost()];
  }

  /** What the turn has used so far, as far as that has been told. */
  get usage(): Usage | undefined {
    return this.#total && usageOf(this.#total, this.#turnBegan, this.#contextWindow);
  }

  /** The file change that an approval is for. */
  change(itemId: string): AskedItem | undefined {
    return this.#changes.get(itemId);
  }

  /** The translator for the thread of a subagent. */
  below(thread: string, call: string): Translator {
    return new Translator({ parentNativeId: call, subagent: { id: thread } }, this.files);
  }

  /** Threads of subagents that have been introduced since the last time, each with the call that started it. */
  takeChildren(): [thread: string, call: string][] {
    return this.#introduced.splice(0);
  }

  /** The events that a notification means; the end of a turn is the session's to tell. */
  translate(method: string, params: Record<string, unknown>, raw: string): AgentOutput[] {
    return this.#outputs(method, params).map((output) => ({ raw, ...output }));
  }

  #outputs(method: string, params: Record<string, unknown>): AgentOutput[] {
    if (DELTAS.has(method)) return this.#delta(method, params);
    switch (method) {
      case "item/commandExecution/outputDelta": {
        const { itemId, delta } = params;
        if (typeof itemId !== "string" || typeof delta !== "string") return [];
        return this.#commands.said(itemId, delta);
      }
      case "item/commandExecution/terminalInteraction":
        return this.#typed(params);
      case "item/started":
        return this.#item(params, false);
      case "item/completed":
        return this.#item(params, true);
      case "thread/tokenUsage/updated":
        return this.#usage(params);
      case "turn/plan/updated": {
        const plan = protocol.PlanUpdate.safeParse(params).data?.plan;
        return [completed(plan ? planItem(plan, this.#place) : this.#as(method, params))];
      }
      case "thread/goal/updated":
        return this.#goalUpdated(params);
      case "error":
        return this.#error(params);
      default:
        if (SILENT.has(method)) return [];
        return [completed(noticeOf(method, params, this.#place) ?? this.#as(method, params))];
    }
  }

  /** What has no form of ours, as it is. */
  #as(method: string, params: unknown) {
    return unknownItem(method, params, this.#place);
  }

  #item({ item }: Record<string, unknown>, complete: boolean): AgentOutput[] {
    const parsed = protocol.ThreadItem.safeParse(item);
    if (!parsed.success) return this.#unknown(item, complete);
    const { data } = parsed;
    this.#remember(data);
    if (complete) return this.#completed(data);
    const told = begunItem(data, this.#place);
    if (!told) return [];
    if (told.status === "completed") {
      this.#calls.set(data.id, true);
      return [completed(told)];
    }
    this.#open.set(data.id, true);
    return [{ type: "item.started", item: told }];
  }

  #completed(item: protocol.ThreadItem): AgentOutput[] {
    this.#open.delete(item.id);
    this.#calls.delete(item.id);
    if (this.#closed.delete(item.id)) return [];
    const late = item.type === "commandExecution" ? this.#commands.ended(item) : undefined;
    if (late) return late;
    const told = completeItems(item, this.#place, this.#existed).map(completed);
    const request = item.type === "agentMessage" ? asyncQuestion(item) : undefined;
    return request ? [...told, { type: "question.requested", request }] : told;
  }

  #remember(item: protocol.ThreadItem): void {
    if (item.type === "plan") this.plan = item.text;
    if (item.type === "commandExecution" && item.status === "inProgress")
      this.#commands.began(item);
    if (item.type === "subAgentActivity") this.#introduce(item.agentThreadId, item.id);
    if (item.type === "collabAgentToolCall") {
      for (const thread of item.receiverThreadIds) this.#introduce(thread, item.id);
    }
    if (item.type === "fileChange") {
      const paths = item.changes.flatMap(({ path, kind }) =>
        kind.move_path == null ? [path] : [path, kind.move_path],
      );
      const added = item.changes.flatMap(({ path, kind }) => {
        if (kind.type === "add") return [path];
        return kind.move_path == null ? [] : [kind.move_path];
      });
      for (const path of this.#changes.has(item.id) ? [] : added) this.files?.note(path);
      const diffs = item.changes.map((change) => unifiedDiff(change, this.#existed));
      const diff = diffs.includes(null) ? null : diffs.join("");
      this.#changes.set(item.id, { paths, added, diff });
    }
  }

  #introduce(thread: string, call: string): void {
    if (this.#children.has(thread)) return;
    this.#children.set(thread, true);
    this.#introduced.push([thread, call]);
  }

  #unknown(item: unknown, complete: boolean): AgentOutput[] {
    const message = protocol.UserMessage.safeParse(item).data;
    if (message) return this.#userMessage(message, complete);
    if (!complete) return [];
    const label = isRecord(item) ? ownMember(NOTICE_ITEMS, shown(item["type"])) : undefined;
    if (label !== undefined) return [completed(statusItem(label, null, item, this.#place))];
    return [completed(this.#as("item/completed", item))];
  }

  /** What the user says into a turn ends the message that the model was in the middle of (0.169.0). */
  #userMessage(message: protocol.UserMessage, complete: boolean): AgentOutput[] {
    if (!complete) return this.#abandonOpen();
    // The others are told by the daemon.
    return message.clientId == null ? [] : [completed(userMessageItem(message, this.#place))];
  }

  #delta(method: string, params: Record<string, unknown>): AgentOutput[] {
    const { itemId, delta, summaryIndex, contentIndex } = params;
    if (typeof itemId !== "string" || typeof delta !== "string" || delta === "") return [];
    if (!method.startsWith("item/reasoning/")) {
      return [{ type: "item.delta", nativeId: itemId, delta }];
    }
    // The parts of a reasoning become one text, a line each.
    const part = `${method} ${shown(summaryIndex ?? contentIndex)}`;
    const before = this.#parts.get(itemId);
    this.#parts.set(itemId, part);
    const lead = before === undefined || before === part ? "" : "\n";
    return [{ type: "item.delta", nativeId: itemId, delta: lead + delta }];
  }

  /** A try that failed is a notice; the next one begins its messages anew. */
  #error(params: Record<string, unknown>): AgentOutput[] {
    const notice = protocol.ErrorNotice.safeParse(params).data;
    if (!notice) return [completed(this.#as("error", params))];
    const told = errorOf(notice.error);
    if (!notice.willRetry) return [{ type: "error", error: told }];
    return [
      ...this.#abandonOpen(),
      completed(statusItem("retry", told.message, params, this.#place)),
    ];
  }

  #abandonOpen(): AgentOutput[] {
    const abandoned = [...this.#open.keys()].map((nativeId): AgentOutput => {
      return { type: "item.abandoned", nativeId };
    });
    this.#open.clear();
    return abandoned;
  }

  /** What the model types into a command that runs; it may only be looking. */
  #typed(params: Record<string, unknown>): AgentOutput[] {
    const { stdin } = params;
    if (stdin === "") return [];
    return [completed(statusItem("task", `typed: ${shown(stdin)}`, params, this.#place))];
  }

  /** A goal is told of with every answer of the model: only what changes is told on. */
  #goalUpdated(params: Record<string, unknown>): AgentOutput[] {
    const { goal } = params;
    const { objective, status } = isRecord(goal) ? goal : {};
    this.#hasGoal = status === "active";
    const told = `${shown(status)}: ${shown(objective)}`;
    if (told === this.#goal) return [];
    this.#goal = told;
    return [completed(statusItem("goal", told, params, this.#place))];
  }

  #usage(params: Record<string, unknown>): AgentOutput[] {
    const usage = protocol.TokenUsage.safeParse(params).data?.tokenUsage;
    this.#total = usage?.total ?? this.#total;
    this.#contextWindow = usage?.modelContextWindow ?? this.#contextWindow;
    return [];
  }
}

function completed(item: Extract<AgentOutput, { type: "item.completed" }>["item"]): AgentOutput {
  return { type: "item.completed", item };
}
