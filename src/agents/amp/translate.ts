import type { AgentItem, AgentOutput } from "../agent.ts";
import { isRecord } from "../json-line.ts";
import type { Usage } from "../../schema/usage.ts";
import { addUsage, codeOf, failure, interrupted } from "./outcome.ts";
import type { KnownFiles } from "../file-facts.ts";
import * as protocol from "./protocol.ts";
import { editedPaths } from "./edited-paths.ts";
import { type ToolCall, ToolCalls } from "./tool-calls.ts";
import { backgroundPid, toolResultItem } from "./tool-results.ts";

/** What a process says last that is ended by a signal (0.0.1790142911 and 0.0.1769425000). */
const CANCELLED = "User cancelled (SIGINT/SIGTERM)";

/** Turns what Amp prints into events, line by line, and keeps only what later lines refer to. */
export class Translator {
  readonly calls = new ToolCalls();
  /** The pids of commands that went on in the background when that was told. */
  readonly background = new Set<number>();
  readonly files: KnownFiles | undefined;
  #threadId: string | undefined;
  #messages = 0;
  #inTurn = false;
  /** The CLI has repeated the message whose turn runs: what it says from here on belongs to it. */
  #heard = false;
  #stopping = false;
  #usage: Usage | undefined;

  /** `files` reads the files that calls change. */
  constructor(files?: KnownFiles) {
    this.files = files;
  }

  /** A message is handed over. */
  beginTurn(): void {
    this.#inTurn = true;
    this.#heard = false;
    this.#stopping = false;
    this.#usage = undefined;
  }

  /** The user wants the turn to end: whatever ends it now is their doing. */
  stop(): void {
    this.#stopping = true;
  }

  /** A new process speaks from here on. */
  restart(): void {
    this.calls.clear();
    this.background.clear();
    this.#heard = false;
  }

  /** Whether a turn has begun and not ended. */
  get inTurn(): boolean {
    return this.#inTurn;
  }

  /** Gives up the turn whose end will never be told; false where none runs. */
  abandonTurn(): boolean {
    const { inTurn } = this;
    this.#inTurn = false;
    return inTurn;
  }

  /** What the turn has used so far. */
  get usage(): Usage | undefined {
    return this.#usage;
  }

  /** The events that one line means; `raw` is its text. */
  translate(line: unknown, raw: string): AgentOutput[] {
    const outputs = this.#line(line) ?? [completed(unknownItem(line))];
    return outputs.map((output) => (output.synthetic === true ? output : { raw, ...output }));
  }

  #line(line: unknown): AgentOutput[] | undefined {
    switch (isRecord(line) ? line["type"] : undefined) {
      case "system": {
        const init = protocol.InitLine.safeParse(line);
        return init.success ? this.#begin(init.data.session_id) : undefined;
      }
      case "assistant": {
        const answer = protocol.AssistantLine.safeParse(line);
        return answer.success ? this.#assistant(answer.data) : undefined;
      }
      case "user": {
        const user = protocol.UserLine.safeParse(line);
        return user.success ? this.#user(user.data) : undefined;
      }
      case "result": {
        const result = protocol.ResultLine.safeParse(line);
        return result.success ? this.#result(result.data) : undefined;
      }
      default:
        return undefined;
    }
  }

  #begin(threadId: string): AgentOutput[] {
    if (threadId === this.#threadId) return [];
    this.#threadId = threadId;
    return [{ type: "native_session", id: threadId }];
  }

  #assistant({ message }: protocol.AssistantLine): AgentOutput[] {
    const number = ++this.#messages;
    const outputs = message.content.map((block, index) =>
      completed(this.#block(block, `msg_${number}:${index}`)),
    );
    if (message.usage) this.#usage = addUsage(this.#usage, message.usage);
    const { stop_reason } = message;
    // An answer to a message before this one, of a process before this one, ends nothing.
    if (stop_reason == null || stop_reason === "tool_use" || !this.#heard) return outputs;
    if (!this.#inTurn) return outputs;
    this.#inTurn = false;
    const usage = this.#usage;
    const outcome = { status: "completed", stop_reason, ...(usage && { usage }) } as const;
    return [...outputs, { type: "turn.ended", outcome }];
  }

  #block(block: Record<string, unknown>, nativeId: string): AgentItem {
    const base = { nativeId, role: "assistant", status: "completed", kind: "message" } as const;
    const use = protocol.ToolUseBlock.safeParse(block);
    if (use.success) {
      const call = { id: use.data.id, name: use.data.name, input: use.data.input };
      this.calls.add(call);
      for (const path of editedPaths(call.name, call.input) ?? []) this.files?.note(path);
      return { ...base, nativeId: call.id, kind: "tool_call", content: [callPart(call)] };
    }
    const text = protocol.TextBlock.safeParse(block).data?.text;
    if (text !== undefined) {
      return { ...base, content: text === "" ? [] : [{ type: "text", text }] };
    }
    const thinking = protocol.ThinkingBlock.safeParse(block).data?.thinking;
    if (thinking !== undefined) {
      return { ...base, content: [{ type: "reasoning", text: thinking, visibility: "public" }] };
    }
    return protocol.RedactedBlock.safeParse(block).success
      ? { ...base, content: [{ type: "reasoning", text: "", visibility: "private" }] }
      : { ...base, content: [{ type: "json", json: block }] };
  }

  #user({ message }: protocol.UserLine): AgentOutput[] {
    return message.content.flatMap((block): AgentOutput[] => {
      const result = protocol.ToolResultBlock.safeParse(block);
      if (result.success) {
        const call = this.calls.take(result.data.tool_use_id);
        const pid = backgroundPid(result.data);
        if (pid !== undefined) this.background.add(pid);
        return [completed(toolResultItem(result.data, call, this.files))];
      }
      // Our own message, which has been told when it was sent.
      if (block.type === "text" || block.type === "image") {
        this.#heard = true;
        return [];
      }
      return [completed(unknownItem(block))];
    });
  }

  /** The last words of a process. */
  #result(line: protocol.ResultLine): AgentOutput[] {
    const usage = this.#usage;
    const { inTurn } = this;
    // After the end of its input it sums up what has been told.
    if (!line.is_error && !inTurn) return [];
    this.#inTurn = false;
    if (this.#stopping) return inTurn ? [interrupted(usage)] : [];
    if (!line.is_error) {
      return [{ type: "turn.ended", outcome: { status: "completed", ...(usage && { usage }) } }];
    }
    const message = line.error ?? `the turn failed: ${line.subtype}`;
    const ended = message.startsWith(CANCELLED);
    // Somebody else has ended it while it had nothing to do.
    if (ended && !inTurn) return [];
    const code = ended ? "process_exit" : codeOf(message);
    if (!inTurn) return [{ type: "error", error: { code, message, details: null } }];
    // These are the CLI's own words: the line is their raw payload.
    return failure(code, message, { usage }).map((output) => ({ ...output, synthetic: false }));
  }
}

/** An item that is told when it is complete. */
export function completed(item: AgentItem): AgentOutput {
  return { type: "item.completed", item };
}

/** MCP tools are called `mcp__<server>__<tool>`. */
function callPart({ id, name, input }: ToolCall) {
  const mcp = /^mcp__(.+?)__(.+)$/s.exec(name);
  return {
    type: "tool_call",
    name,
    arguments: JSON.stringify(input ?? {}),
    call_id: id,
    ...(mcp?.[1] !== undefined &&
      mcp[2] !== undefined && { mcp: { server: mcp[1], tool: mcp[2] } }),
  } as const;
}

function unknownItem(line: unknown): AgentItem {
  return {
    nativeId: null,
    kind: "unknown",
    role: "system",
    content: [{ type: "json", json: line }],
    status: "completed",
  };
}
