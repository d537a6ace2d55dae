import type { AgentOutput } from "../agent.ts";
import { blockId, blockItem } from "./blocks.ts";
import { isRecord } from "../json-line.ts";
import { RecentMap } from "../../io/recent-map.ts";
import { completed } from "./notices.ts";
import { placeKey, placeOf } from "./place.ts";
import type { AssistantLine, StreamLine } from "./protocol.ts";

/** Blocks of a message that are open at once. */
const MAX_BLOCKS = 1000;

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

/** The messages of the model, which come as a stream and again block by block. */
export class Messages {
  /** Why the model last stopped speaking in the main conversation. */
  stopReason: string | undefined;
  readonly #messages = new RecentMap<Message>();

  /** Forgets what is half told. */
  clear(): void {
    this.#messages.clear();
  }

  /** The one kind of line that comes by the thousand is read by hand: a schema would cost more than all the rest. */
  delta(line: unknown): AgentOutput[] | undefined {
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

  /** A piece of the stream that is no delta. */
  stream(line: StreamLine): AgentOutput[] {
    const { event } = line;
    const key = placeKey(line);
    if (event.type === "message_start" && event.message) {
      this.#messages.set(key, { id: event.message.id, open: undefined, next: 0, begun: new Map() });
      return [];
    }
    if (event.type === "message_delta" && key === "") {
      this.stopReason = event.delta?.stop_reason ?? this.stopReason;
    }
    const message = this.#messages.get(key);
    return message ? this.#block(message, line) : [];
  }

  #block(message: Message, line: StreamLine): AgentOutput[] {
    const { event, abandoned_blocks } = line;
    const { index, content_block } = event;
    if (event.type === "content_block_start" && index !== undefined && content_block) {
      const nativeId = blockId(message.id, index, content_block);
      message.open = index;
      message.begun.set(index, nativeId);
      const [oldest] = message.begun.keys();
      if (oldest !== undefined && message.begun.size > MAX_BLOCKS) message.begun.delete(oldest);
      const item = blockItem(nativeId, content_block, "in_progress", placeOf(line));
      return [{ type: "item.started", item }];
    }
    if (event.type === "content_block_stop") message.open = undefined;
    if (event.type !== "message_stop" || !abandoned_blocks) return [];
    // A retry follows under a new message id (2.1.330).
    return [...message.begun]
      .filter(([begun]) => begun >= abandoned_blocks.from_block_index)
      .map(([, nativeId]) => ({ type: "item.abandoned", nativeId }));
  }

  /** A complete block, streamed before or not. */
  complete(line: AssistantLine): AgentOutput[] {
    const { id, content } = line.message;
    const place = placeOf(line);
    const message = this.#message(placeKey(line), id);
    const { begun } = message;
    return content.map((block) => {
      const index = message.open ?? message.next;
      message.open = undefined;
      message.next = index + 1;
      const nativeId = begun.get(index) ?? blockId(id, index, block);
      begun.delete(index);
      const mcpTool = line.tool_use_meta?.find((meta) => meta.id === nativeId)?.tool_name;
      return completed(blockItem(nativeId, block, "completed", place, mcpTool));
    });
  }

  #message(key: string, id: string): Message {
    const known = this.#messages.get(key);
    if (known?.id === id) return known;
    // Not streamed: a subagent's message, or the answer to a request that is not a stream.
    const message: Message = { id, open: undefined, next: 0, begun: new Map() };
    this.#messages.set(key, message);
    return message;
  }
}
