import type { AgentOutput } from "../agent.ts";
import { BoundedText } from "../../io/bounded-text.ts";
import { RecentMap, sizeOfJson } from "../../io/recent-map.ts";
import type { Usage } from "../../schema/usage.ts";
import type { KnownFiles } from "../file-facts.ts";
import type { AskedCall } from "./ask.ts";
import type { ServerEvent } from "./events.ts";
import { isRecord } from "../json-line.ts";
import { errorOf, plainMessage } from "./outcome.ts";
import {
  callItem,
  fileToChange,
  type Place,
  planItem,
  resultId,
  resultItem,
  statusItem,
  textItem,
  unknownItem,
} from "./parts.ts";
import {
  ErrorInfo,
  MessageInfo,
  Part,
  PermissionAsked,
  TextPart,
  TodoUpdate,
  ToolPart,
} from "./protocol.ts";

/** What tells nothing of its own: others tell it, or the daemon does. */
const SILENT = new Set([
  "message.part.removed",
  "message.removed",
  "permission.replied",
  "question.asked",
  "question.rejected",
  "question.replied",
  "session.created",
  "session.deleted",
  "session.diff",
  "session.idle",
  "session.updated",
]);

/** Errors of calls that did not run, or did not finish (1.18.33). */
const REJECTED = "The user rejected permission";
const ABORTED = "Tool execution aborted";

/** Errors of a turn that are remembered. */
const MAX_ERRORS = 100;
/** Characters of a text that are compared with what the server repeats. */
const COMPARED = 4096;

/** Parts whose content others tell. */
const SILENT_PARTS = new Set(["step-start", "step-finish", "snapshot", "agent", "file", "subtask"]);

/** A text as far as it has been told. */
interface Told {
  text: BoundedText;
  done: boolean;
  /** Deltas of it have been missed. */
  broken: boolean;
}

/** Turns what the server says of one session into events, and keeps only what later ones refer to. */
export class Translator {
  /** The names of the MCP servers whose tools may be called. */
  mcpServers: readonly string[] = [];
  #lastText = "";
  #summary = "";
  readonly files: KnownFiles | undefined;
  readonly #place: Place;
  /** What is known of each of the agent's messages of this turn. */
  readonly #messages = new RecentMap<MessageInfo>();
  readonly #users = new RecentMap<true>();
  /** Messages of turns that are over. */
  readonly #pastMessages = new RecentMap<true>();
  readonly #texts = new RecentMap<Told>();
  /** What the tools have been called with, by the call. */
  readonly #calls = new RecentMap<AskedCall>({ sizeOf: ({ input }) => sizeOfJson(input) });
  /** Errors of the calls that have a result, empty for a success. */
  readonly #results = new RecentMap<string>({ sizeOf: (error) => error.length });
  /** Parts and calls of turns that are over. */
  readonly #past = new RecentMap<true>();
  /** How much of a command's output has been told. */
  readonly #told = new RecentMap<BoundedText>();
  /** Changes of files that were asked for, by the call. */
  readonly #diffs = new RecentMap<string>({ sizeOf: (diff) => diff.length });
  readonly #errors = new RecentMap<true>({ max: MAX_ERRORS });
  /** Sessions of subagents that have been introduced, each with the call that started it. */
  readonly #introduced: [session: string, call: string][] = [];
  readonly #children = new RecentMap<true>();

  /** `files` reads the files that the calls change. */
  constructor(place: Place = {}, files?: KnownFiles) {
    this.#place = place;
    this.files = files;
  }

  /** A turn begins: what is used from here on is its. */
  beginTurn(): void {
    // What is told of them from here on is too late: they have ended with their turn.
    for (const id of [...this.#texts.keys(), ...this.#calls.keys()]) this.#past.set(id, true);
    for (const id of [...this.#messages.keys(), ...this.#users.keys()]) {
      this.#pastMessages.set(id, true);
    }
    this.#users.clear();
    this.#messages.clear();
    this.#texts.clear();
    this.#calls.clear();
    this.#results.clear();
    this.#lastText = "";
    this.#told.clear();
    this.#diffs.clear();
    this.#errors.clear();
  }

  /** What the turn has used so far; undefined before the model has spoken. */
  get usage(): Usage | undefined {
    const infos = [...this.#messages.values()];
    const sum = (of: (info: MessageInfo) => number) =>
      infos.reduce((total, info) => total + of(info), 0);
    if (infos.length === 0) return undefined;
    const cached = sum(({ tokens }) => tokens?.cache.read ?? 0);
    const input = sum(({ tokens }) => (tokens?.input ?? 0) + (tokens?.cache.write ?? 0)) + cached;
    const reasoning = sum(({ tokens }) => tokens?.reasoning ?? 0);
    const output = sum(({ tokens }) => tokens?.output ?? 0) + reasoning;
    return {
      input_tokens: input,
      output_tokens: output,
      cached_input_tokens: cached,
      reasoning_tokens: reasoning,
      total_tokens: input + output,
      cost_usd: sum(({ cost }) => cost),
    };
  }

  /** The agent's last message of this turn. */
  get lastMessage(): MessageInfo | undefined {
    return this.#messages.values().at(-1);
  }

  /** Whether a message belongs to a turn that is over. */
  isPast(messageId: string): boolean {
    return this.#pastMessages.has(messageId);
  }

  /** Some of what is being said may have been missed: what is open is told whole when it is complete. */
  missed(): void {
    for (const text of this.#texts.values()) text.broken = true;
  }

  /** What the agent has said last in this turn. */
  get lastText(): string {
    return this.#lastText;
  }

  /** A call with its input; undefined before the server has reported the input. */
  call(callId: string): AskedCall | undefined {
    return this.#calls.get(callId);
  }

  /** The reply that a call must have had, judging by its result; undefined for an unclear one. */
  replyTo(callId: string): "once" | "reject" | undefined {
    const call = this.#calls.get(callId);
    const error = this.#results.get(callId);
    if (!call || error === ABORTED) return undefined;
    // The permission is closed, so a call without a result is running.
    return error?.startsWith(REJECTED) === true ? "reject" : "once";
  }

  /** Subagents that have been introduced since the last time. */
  takeChildren(): [session: string, call: string][] {
    return this.#introduced.splice(0);
  }

  /** The events that one of the server's means; the end of a turn is the session's to tell. */
  translate({ type, properties, raw }: ServerEvent): AgentOutput[] {
    return this.#outputs(type, properties).map((output) => ({ raw, ...output }));
  }

  #outputs(type: string, properties: Record<string, unknown>): AgentOutput[] {
    switch (type) {
      case "message.part.delta":
        return this.#delta(properties);
      case "message.part.updated":
        return this.#part(properties["part"]);
      case "message.updated":
        return this.#message(properties["info"]);
      case "session.error":
        return this.#error(properties["error"]);
      case "session.status":
        return this.#retry(properties["status"]);
      case "session.compacted":
        return this.#compacted(properties);
      case "permission.asked":
        this.#rememberDiff(properties);
        return [];
      case "todo.updated": {
        const todos = TodoUpdate.safeParse(properties).data?.todos;
        return todos ? [completed(planItem(todos))] : [];
      }
      default:
        return SILENT.has(type) ? [] : [completed(unknownItem({ type, properties }))];
    }
  }

  /** Of a file that is overwritten only the request tells the change. */
  #rememberDiff(properties: unknown): void {
    const { metadata, tool } = PermissionAsked.safeParse(properties).data ?? {};
    const diff = metadata?.["diff"];
    if (tool && typeof diff === "string") this.#diffs.set(tool.callID, diff);
  }

  #message(info: unknown): AgentOutput[] {
    const message = MessageInfo.safeParse(info).data;
    if (!message || this.#pastMessages.has(message.id)) return [];
    if (message.role === "user") this.#users.set(message.id, true);
    else this.#messages.set(message.id, message);
    return message.error ? this.#error(message.error) : [];
  }

  #delta({ partID, field, delta }: Record<string, unknown>): AgentOutput[] {
    if (typeof partID !== "string" || typeof delta !== "string" || field !== "text") return [];
    const known = this.#texts.get(partID);
    if (!known || known.done || known.broken || delta === "") return [];
    known.text.add(delta);
    return [{ type: "item.delta", nativeId: partID, delta }];
  }

  #part(value: unknown): AgentOutput[] {
    const part = Part.safeParse(value).data;
    if (!part || this.#users.has(part.messageID) || this.#pastMessages.has(part.messageID)) {
      return [];
    }
    const text = TextPart.safeParse(value).data;
    if (text && this.#messages.get(text.messageID)?.summary === true) {
      this.#summary = text.text;
      return [];
    }
    if (text) return this.#text(text);
    const tool = ToolPart.safeParse(value).data;
    if (tool) return this.#tool(tool);
    if (part.type === "compaction") return [completed(statusItem("compaction", null, part))];
    if (part.type === "patch") return [completed(statusItem("patch", null, part))];
    return SILENT_PARTS.has(part.type) ? [] : [completed(unknownItem(part))];
  }

  /** It is told empty, then in deltas, then whole with its end. */
  #text(part: TextPart): AgentOutput[] {
    if (this.#past.has(part.id)) return [];
    const known = this.#texts.get(part.id);
    const told = known ?? { text: new BoundedText(COMPARED), done: false, broken: false };
    const outputs: AgentOutput[] = [];
    if (!known) {
      this.#texts.set(part.id, told);
      outputs.push({ type: "item.started", item: textItem(part, false, this.#place) });
    }
    if (told.done || part.time?.end == null) return outputs;
    told.done = true;
    if (part.type === "text") this.#lastText = part.text;
    if (told.broken && told.text.isPrefixOf(part.text)) {
      const delta = part.text.slice(told.text.length);
      if (delta !== "") outputs.push({ type: "item.delta", nativeId: part.id, delta });
    }
    return [...outputs, completed(textItem(part, true, this.#place))];
  }

  #tool(part: ToolPart): AgentOutput[] {
    const { callID, state, tool } = part;
    // Its input is not there yet.
    if (state.status === "pending" || this.#past.has(callID)) return [];
    const outputs: AgentOutput[] = [];
    if (!this.#calls.has(callID)) {
      this.#calls.set(callID, { tool, input: state.input });
      const path = fileToChange(part);
      if (path !== undefined) this.files?.note(path);
      outputs.push(completed(callItem(part, this.#place, this.mcpServers)));
    }
    const child = state.metadata?.["sessionId"];
    if (tool === "task" && typeof child === "string" && !this.#children.has(child)) {
      this.#children.set(child, true);
      this.#introduced.push([child, callID]);
    }
    if (state.status === "running") return [...outputs, ...this.#output(part)];
    if (this.#results.has(callID)) return outputs;
    this.#results.set(callID, state.error ?? "");
    const known = { asked: this.#diffs.get(callID), files: this.files };
    return [...outputs, completed(resultItem(part, this.#place, known))];
  }

  /** The output so far is told whole each time. */
  #output({ callID, state }: ToolPart): AgentOutput[] {
    const output = state.metadata?.["output"];
    if (typeof output !== "string" || output === "") return [];
    const nativeId = resultId(callID);
    const told = this.#told.get(callID);
    const now = new BoundedText(COMPARED);
    now.add(output);
    this.#told.set(callID, now);
    // What is long is cut at its beginning: then there is nothing to add to.
    const more =
      told === undefined ? output : told.isPrefixOf(output) ? output.slice(told.length) : "";
    const delta: AgentOutput[] = more === "" ? [] : [{ type: "item.delta", nativeId, delta: more }];
    if (told !== undefined) return delta;
    const item = {
      nativeId,
      parentNativeId: callID,
      kind: "tool_result",
      role: "tool",
      content: [{ type: "tool_result", call_id: callID, output: "" }],
      status: "in_progress",
      ...(this.#place.subagent && { subagent: this.#place.subagent }),
    } satisfies Extract<AgentOutput, { type: "item.started" }>["item"];
    return [{ type: "item.started", item }, ...delta];
  }

  /** What the conversation is made smaller to is nothing that the agent says to anybody. */
  #compacted(properties: Record<string, unknown>): AgentOutput[] {
    const data = { ...properties, ...(this.#summary !== "" && { summary: this.#summary }) };
    this.#summary = "";
    return [completed(statusItem("compaction", "success", data))];
  }

  /** What a try that failed has begun will never be complete: the next one begins anew. */
  #retry(status: unknown): AgentOutput[] {
    if (!isRecord(status) || status["type"] !== "retry") return [];
    const abandoned = this.#texts.entries().flatMap(([nativeId, told]): AgentOutput[] => {
      if (told.done) return [];
      told.done = true;
      return [{ type: "item.abandoned", nativeId }];
    });
    const { message } = status;
    const detail = typeof message === "string" ? plainMessage(message) : null;
    return [...abandoned, completed(statusItem("retry", detail, status))];
  }

  /** It may come twice, the second time with more around it; an abort is no error. */
  #error(value: unknown): AgentOutput[] {
    const info = ErrorInfo.safeParse(value).data;
    if (!info || info.name === "MessageAbortedError") return [];
    const error = errorOf(info);
    const again = [...this.#errors.keys()].some((told) => error.message.endsWith(told));
    if (again || (this.#errors.size > 0 && error.message === `${info.name}: ${info.name}`))
      return [];
    this.#errors.set(error.message, true);
    return [{ type: "error", error }];
  }
}

function completed(item: Extract<AgentOutput, { type: "item.completed" }>["item"]): AgentOutput {
  return { type: "item.completed", item };
}
