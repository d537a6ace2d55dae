import type { AgentOutput } from "../agent.ts";
import { toAsk } from "./ask.ts";
import { blockId, blockItem, type Place } from "./blocks.ts";
import { isRecord, typeOf } from "./line.ts";
import { statusItem, systemItem, toolResultItem, unknownItem, userNotice } from "./notices.ts";
import { type ClaudeError, errorOf, outcomeOf, resultError, usageOf } from "./outcome.ts";
import * as protocol from "./protocol.ts";

/** A message that the model is sending, block by block. */
interface Message {
  id: string;
  /** The block that is open; undefined between blocks. */
  open: number | undefined;
  /** The index of the next complete block where no open one tells it. */
  next: number;
  /** Native ids of the blocks that have begun, by index. */
  begun: Map<number, string>;
}

/**
 * Turns what Claude Code prints into events, line by line, and keeps only what later lines refer
 * to. Answers to our own control requests are the connection's to read.
 */
export class Translator {
  // By the tool call that started the subagent which speaks; "" is the main conversation.
  readonly #messages = new Map<string, Message>();
  #totals: protocol.ModelUsage = {};
  #error: ClaudeError | undefined;
  #nativeSessionId: string | undefined;
  #permissionMode: string | undefined;
  #inTurn = false;
  /** The message whose turn runs, while the CLI has not begun to work on it. */
  #awaited: string | undefined;

  /** A message with this uuid is handed over: the turn that follows is its. */
  beginTurn(uuid: string): void {
    this.#inTurn = true;
    this.#awaited = uuid;
  }

  /** A new process speaks from here on: it refers to nothing that the one before it has said. */
  restart(): void {
    this.#messages.clear();
    this.#totals = {};
    this.#error = undefined;
  }

  /** Gives up the turn whose result will never come; false where none runs. */
  abandonTurn(): boolean {
    const { inTurn } = this;
    this.#inTurn = false;
    this.#awaited = undefined;
    return inTurn;
  }

  /** Whether a turn has begun and its result is not there yet. */
  get inTurn(): boolean {
    return this.#inTurn;
  }

  /** The events that one line means; `raw` is its text. */
  translate(line: unknown, raw: string): AgentOutput[] {
    const outputs = this.#delta(line) ?? this.#line(line) ?? [completed(unknownItem(line))];
    return outputs.map((output) => (output.synthetic === true ? output : { raw, ...output }));
  }

  #line(line: unknown): AgentOutput[] | undefined {
    switch (typeOf(line)) {
      case "stream_event":
        return read(protocol.StreamLine, line, (data) => this.#stream(data));
      case "assistant":
        return read(protocol.AssistantLine, line, (data) => this.#assistant(data));
      case "user":
        return read(protocol.UserLine, line, user);
      case "system":
        return read(protocol.SystemLine, line, (data) => this.#system(data));
      case "result":
        return read(protocol.ResultLine, line, (data) => this.#result(data));
      case "control_request":
        return read(protocol.ControlRequestLine, line, ask);
      case "control_cancel_request":
        return read(protocol.ControlCancelLine, line, ({ request_id }) => [
          { type: "request.withdrawn", id: request_id },
        ]);
      case "command_lifecycle":
        return read(protocol.LifecycleLine, line, (data) => this.#lifecycle(data));
      case "rate_limit_event":
        return [completed(statusItem("rate_limit", null, line))];
      case "control_response":
      case "keep_alive":
        return [];
      default:
        return undefined;
    }
  }

  /** The one kind of line that comes by the thousand is read by hand: a schema would cost more than all the rest. */
  #delta(line: unknown): AgentOutput[] | undefined {
    if (!isRecord(line) || line["type"] !== "stream_event") return undefined;
    const { event } = line;
    if (!isRecord(event) || event["type"] !== "content_block_delta") return undefined;
    const { delta, index } = event;
    if (!isRecord(delta) || typeof index !== "number") return undefined;
    const text = delta["type"] === "text_delta" ? delta["text"] : delta["thinking"];
    const nativeId = this.#messages.get(placeKey(line))?.begun.get(index);
    // Pieces of a tool's input and signatures: the complete block has them.
    if (typeof text !== "string" || text === "" || nativeId === undefined) return [];
    return [{ type: "item.delta", nativeId, delta: text }];
  }

  #stream(line: protocol.StreamLine): AgentOutput[] {
    const { event, abandoned_blocks } = line;
    const key = placeKey(line);
    if (event.type === "message_start" && event.message) {
      this.#messages.set(key, { id: event.message.id, open: undefined, next: 0, begun: new Map() });
      return [];
    }
    const message = this.#messages.get(key);
    if (!message) return [];
    const { index, content_block } = event;
    if (event.type === "content_block_start" && index !== undefined && content_block) {
      const nativeId = blockId(message.id, index, content_block);
      message.open = index;
      message.begun.set(index, nativeId);
      const item = blockItem(nativeId, content_block, "in_progress", placeOf(line));
      return [{ type: "item.started", item }];
    }
    if (event.type === "content_block_stop") message.open = undefined;
    if (event.type === "message_stop" && abandoned_blocks) {
      // A retry follows under a new message id (2.1.330).
      return [...message.begun]
        .filter(([begun]) => begun >= abandoned_blocks.from_block_index)
        .map(([, nativeId]) => ({ type: "item.abandoned", nativeId }));
    }
    return [];
  }

  #assistant(line: protocol.AssistantLine): AgentOutput[] {
    if (line.is_api_error_message === true) return this.#apiError(line);
    const { id, content } = line.message;
    const place = placeOf(line);
    const key = placeKey(line);
    let message = this.#messages.get(key);
    if (message?.id !== id) {
      // Not streamed: a subagent's message, or the answer to a request that is not a stream.
      message = { id, open: undefined, next: 0, begun: new Map() };
      this.#messages.set(key, message);
    }
    const { begun } = message;
    return content.map((block) => {
      const index = message.open ?? message.next;
      message.open = undefined;
      message.next = index + 1;
      const nativeId = begun.get(index) ?? blockId(id, index, block);
      begun.delete(index);
      return completed(blockItem(nativeId, block, "completed", place));
    });
  }

  #apiError(line: protocol.AssistantLine): AgentOutput[] {
    const error = errorOf(line);
    this.#error = error;
    return [errorOutput(error)];
  }

  #system(line: protocol.SystemLine): AgentOutput[] {
    const outputs: AgentOutput[] = [];
    if (line.subtype === "init") {
      const { session_id } = line;
      if (session_id != null && session_id !== this.#nativeSessionId) {
        this.#nativeSessionId = session_id;
        outputs.push({ type: "native_session", id: session_id });
      }
      if (!this.#inTurn) outputs.push({ type: "turn.started" });
      this.#inTurn = true;
      this.#permissionMode ??= line.permissionMode ?? undefined;
      return outputs;
    }
    if (line.subtype === "thinking_tokens") return outputs;
    if (line.subtype !== "status") return [completed(systemItem(line))];
    const { permissionMode, status } = line;
    if (permissionMode != null && permissionMode !== this.#permissionMode) {
      this.#permissionMode = permissionMode;
      outputs.push(completed(statusItem("mode", permissionMode, line)));
    }
    if (status === "compacting" || typeof line["compact_result"] === "string") {
      outputs.push(completed(statusItem("compaction", status ?? null, line)));
    }
    return outputs;
  }

  #result(line: protocol.ResultLine): AgentOutput[] {
    const usage = usageOf(line, this.#totals);
    this.#totals = line.modelUsage ?? this.#totals;
    if (this.#awaited !== undefined && line.origin?.kind === "task-notification") {
      // A turn of the agent's own, which was over before the CLI came to the user's message.
      return [completed(statusItem("task", line.result ?? null, line))];
    }
    const outcome = outcomeOf(line, this.#error);
    const outputs: AgentOutput[] = [];
    if (outcome.status === "failed" && !this.#error) outputs.push(errorOutput(resultError(line)));
    this.#error = undefined;
    this.#inTurn = false;
    this.#awaited = undefined;
    outputs.push({ type: "turn.ended", outcome: { ...outcome, ...(usage && { usage }) } });
    return outputs;
  }

  #lifecycle({ command_uuid, state }: protocol.LifecycleLine): AgentOutput[] {
    if (command_uuid !== this.#awaited) return [];
    if (state === "started") this.#awaited = undefined;
    if (state !== "cancelled") return [];
    this.#inTurn = false;
    this.#awaited = undefined;
    return [{ type: "turn.ended", outcome: { status: "interrupted" } }];
  }
}

function user(line: protocol.UserLine): AgentOutput[] {
  const { content } = line.message;
  const place = placeOf(line);
  if (typeof content === "string") return [completed(userNotice(content, line, place))];
  return content.map((block) => {
    const result = protocol.ToolResultBlock.safeParse(block);
    if (result.success) return completed(toolResultItem(result.data, line, place));
    const { text } = block;
    return completed(typeof text === "string" ? userNotice(text, line, place) : unknownItem(block));
  });
}

function ask(line: protocol.ControlRequestLine): AgentOutput[] {
  const parsed = protocol.CanUseTool.safeParse(line.request);
  if (!parsed.success) return [completed(unknownItem(line))];
  const asked = toAsk(line.request_id, parsed.data);
  return asked.kind === "permission"
    ? [{ type: "permission.requested", request: asked.request }]
    : [{ type: "question.requested", request: asked.request }];
}

function errorOutput({ code, message, status }: ClaudeError): AgentOutput {
  const details = status === null ? null : { status };
  return { type: "error", error: { message, code, details } };
}

function completed(item: Extract<AgentOutput, { type: "item.completed" }>["item"]): AgentOutput {
  return { type: "item.completed", item };
}

interface Placed {
  parent_tool_use_id?: string | null | undefined;
  agent_id?: string | null | undefined;
  subagent_type?: string | null | undefined;
}

function placeOf({ parent_tool_use_id, agent_id, subagent_type }: Placed): Place {
  if (parent_tool_use_id == null) return {};
  return {
    parentNativeId: parent_tool_use_id,
    subagent: {
      id: agent_id ?? parent_tool_use_id,
      ...(subagent_type != null && { name: subagent_type }),
    },
  };
}

function placeKey(line: { parent_tool_use_id?: unknown }): string {
  return typeof line.parent_tool_use_id === "string" ? line.parent_tool_use_id : "";
}

function read<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  line: unknown,
  translate: (data: T) => AgentOutput[],
): AgentOutput[] | undefined {
  const parsed = schema.safeParse(line);
  return parsed.success ? translate(parsed.data) : undefined;
}
