import type { AgentOutput } from "../agent.ts";
import type { Usage } from "../../schema/usage.ts";
import type { AskedItem } from "./ask.ts";
import {
  begunItem,
  completeItem,
  type Place,
  planItem,
  resultId,
  statusItem,
  unknownItem,
} from "./items.ts";
import { errorOf, usageOf } from "./outcome.ts";
import * as protocol from "./protocol.ts";

/** What a thread says that tells nothing of its own: others tell it, or the daemon does. */
const SILENT = new Set([
  "account/rateLimits/updated",
  "item/reasoning/summaryPartAdded",
  "serverRequest/resolved",
  "thread/goal/cleared",
  "thread/readState/changed",
  "thread/settings/updated",
  "thread/started",
  "thread/status/changed",
  "turn/diff/updated",
  "turn/completed",
  "turn/started",
  "item/commandExecution/terminalInteraction",
]);

const DELTAS = new Set([
  "item/agentMessage/delta",
  "item/plan/delta",
  "item/reasoning/summaryTextDelta",
  "item/reasoning/textDelta",
]);

/** Kinds of items that their completion tells, if anything has to. */
const UNTOLD = new Set(["userMessage", "hookPrompt"]);

/** Turns what the server says of one thread into events, and keeps only what later ones refer to. */
export class Translator {
  /** The text of the plan that this turn has proposed. */
  plan: string | undefined;
  readonly #place: Place;
  /** The threads of subagents that are known. */
  readonly #children = new Set<string>();
  readonly #introduced: [thread: string, call: string][] = [];
  readonly #changes = new Map<string, AskedItem>();
  /** Messages that have begun. */
  readonly #open = new Set<string>();
  /** The part of a reasoning that spoke last. */
  readonly #parts = new Map<string, string>();
  /** Commands whose output has begun to come. */
  readonly #speaking = new Set<string>();
  #total: protocol.TokenCounts | undefined;
  #turnBegan: protocol.TokenCounts | undefined;
  #contextWindow: number | null | undefined;

  constructor(place: Place = {}) {
    this.#place = place;
  }

  /** A turn begins: what is used from here on is its. */
  beginTurn(): void {
    this.plan = undefined;
    this.#turnBegan = this.#total;
    this.#open.clear();
    this.#parts.clear();
    this.#speaking.clear();
  }

  /** What the turn has used so far, as far as that has been told. */
  get usage(): Usage | undefined {
    return this.#total && usageOf(this.#total, this.#turnBegan, this.#contextWindow);
  }

  /** The file change that an approval is for. */
  change(itemId: string): AskedItem | undefined {
    return this.#changes.get(itemId);
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
      case "item/commandExecution/outputDelta":
        return this.#output(params);
      case "item/started":
        return this.#item(params, false);
      case "item/completed":
        return this.#item(params, true);
      case "thread/tokenUsage/updated":
        return this.#usage(params);
      case "turn/plan/updated": {
        const plan = protocol.PlanUpdate.safeParse(params).data?.plan;
        return plan ? [completed(planItem(plan))] : [completed(unknownItem(method, params))];
      }
      case "error":
        return this.#error(params);
      case "warning":
      case "configWarning":
      case "deprecationNotice": {
        const { message, summary } = params;
        const detail = [message, summary].find((text) => typeof text === "string");
        return [completed(statusItem("warning", detail ?? null, params))];
      }
      case "mcpServer/startupStatus/updated": {
        const { name, status, error } = params;
        const detail = `MCP server ${String(name)}: ${String(error ?? status)}`;
        return [completed(statusItem(error == null ? "mcp" : "warning", detail, params))];
      }
      default:
        return SILENT.has(method) ? [] : [completed(unknownItem(method, params))];
    }
  }

  #item({ item }: Record<string, unknown>, complete: boolean): AgentOutput[] {
    const parsed = protocol.ThreadItem.safeParse(item);
    if (!parsed.success) return this.#unknown(item, complete);
    const { data } = parsed;
    this.#remember(data);
    const told = complete ? completeItem(data, this.#place) : begunItem(data, this.#place);
    if (!told) return [];
    if (complete || told.kind === "tool_call") {
      this.#open.delete(data.id);
      return [completed(told)];
    }
    this.#open.add(data.id);
    return [{ type: "item.started", item: told }];
  }

  #remember(item: protocol.ThreadItem): void {
    if (item.type === "plan") this.plan = item.text;
    if (item.type === "subAgentActivity") this.#introduce(item.agentThreadId, item.id);
    if (item.type === "collabAgentToolCall") {
      for (const thread of item.receiverThreadIds) this.#introduce(thread, item.id);
    }
    if (item.type === "fileChange") {
      const paths = item.changes.map(({ path }) => path);
      const diff = item.changes.map((change) => change.diff).join("\n");
      this.#changes.set(item.id, { paths, diff });
    }
  }

  #introduce(thread: string, call: string): void {
    if (this.#children.has(thread)) return;
    this.#children.add(thread);
    this.#introduced.push([thread, call]);
  }

  #unknown(item: unknown, complete: boolean): AgentOutput[] {
    const type = typeof item === "object" && item !== null && "type" in item ? item.type : "";
    if (!complete || UNTOLD.has(String(type))) return [];
    if (type === "contextCompaction") return [completed(statusItem("compaction", null, item))];
    return [completed(unknownItem("item/completed", item))];
  }

  #delta(method: string, params: Record<string, unknown>): AgentOutput[] {
    const { itemId, delta, summaryIndex, contentIndex } = params;
    if (typeof itemId !== "string" || typeof delta !== "string" || delta === "") return [];
    if (!method.startsWith("item/reasoning/")) {
      return [{ type: "item.delta", nativeId: itemId, delta }];
    }
    // The parts of a reasoning become one text, a line each.
    const part = `${method} ${String(summaryIndex ?? contentIndex)}`;
    const before = this.#parts.get(itemId);
    this.#parts.set(itemId, part);
    const lead = before === undefined || before === part ? "" : "\n";
    return [{ type: "item.delta", nativeId: itemId, delta: lead + delta }];
  }

  /** A try that failed is a notice; the next one begins its messages anew. */
  #error(params: Record<string, unknown>): AgentOutput[] {
    const notice = protocol.ErrorNotice.safeParse(params).data;
    if (!notice) return [completed(unknownItem("error", params))];
    const told = errorOf(notice.error);
    if (!notice.willRetry) return [{ type: "error", error: told }];
    const abandoned = [...this.#open].map((nativeId): AgentOutput => {
      return { type: "item.abandoned", nativeId };
    });
    this.#open.clear();
    return [...abandoned, completed(statusItem("retry", told.message, params))];
  }

  /** A command's output as it comes: it lacks its beginning, the complete result has all (0.169.0). */
  #output({ itemId, delta }: Record<string, unknown>): AgentOutput[] {
    if (typeof itemId !== "string" || typeof delta !== "string") return [];
    const nativeId = resultId(itemId);
    const outputs: AgentOutput[] = [];
    if (!this.#speaking.has(itemId)) {
      this.#speaking.add(itemId);
      outputs.push({
        type: "item.started",
        item: {
          nativeId,
          parentNativeId: itemId,
          kind: "tool_result",
          role: "tool",
          content: [{ type: "tool_result", call_id: itemId, output: "" }],
          status: "in_progress",
          ...(this.#place.subagent && { subagent: this.#place.subagent }),
        },
      });
    }
    outputs.push({ type: "item.delta", nativeId, delta });
    return outputs;
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
