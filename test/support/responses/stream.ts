import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Gates } from "../gates.ts";
import type { ResponsesBody } from "./request.ts";
import type { HostedCall, ToolCall } from "./tool-call.ts";

/** What an answer needs to know besides its script. */
export interface AnswerContext {
  response: ServerResponse;
  gates: Gates;
  body: ResponsesBody;
  /** The number of the request; ids are made of it, so they are unique in one server. */
  number: number;
  signal: AbortSignal;
}

interface OpenItem {
  kind: "text" | "thinking";
  id: string;
  words: string;
}

type Item = Record<string, unknown>;

/** Writes the events of one streamed response and keeps its output items. */
export class ResponseStream {
  readonly #context: AnswerContext;
  readonly #output: Item[] = [];
  #sequence = 0;
  #open: OpenItem | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  async start(): Promise<void> {
    this.#context.response.writeHead(200, { "content-type": "text/event-stream" });
    await this.send("response.created", { response: this.response("in_progress") });
  }

  async send(type: string, data: Item): Promise<void> {
    const { response, signal } = this.#context;
    signal.throwIfAborted();
    const event = { type, sequence_number: this.#sequence, ...data };
    this.#sequence += 1;
    const frame = `event: ${type}\ndata: ${JSON.stringify(event)}\n\n`;
    if (!response.write(frame)) await once(response, "drain", { signal });
  }

  ping(): void {
    this.#context.response.write(": ping\n\n");
  }

  /** The response as it is now. */
  response(status: string): Item {
    const { number, body } = this.#context;
    return {
      id: `resp_${number}`,
      object: "response",
      status,
      model: body.model,
      output: [...this.#output],
    };
  }

  async words(kind: "text" | "thinking", words: string, gapMs: number): Promise<void> {
    const open = this.#open?.kind === kind ? this.#open : await this.#begin(kind);
    for (const word of words.match(/\S+\s*|\s+/g) ?? []) {
      open.words += word;
      const type = kind === "text" ? "output_text" : "reasoning_summary_text";
      await this.send(`response.${type}.delta`, { ...this.#place(open), delta: word });
      if (gapMs > 0) await sleep(gapMs, undefined, { signal: this.#context.signal });
    }
  }

  async call(call: ToolCall): Promise<void> {
    await this.endItem();
    const place = `${this.#context.number}_${this.#output.length}`;
    const id = call.type === "function_call" ? `fc_${place}` : `ctc_${place}`;
    const ids = { id, call_id: `call_${place}` };
    const empty = call.type === "function_call" ? { arguments: "" } : { input: "" };
    await this.#added({ ...ids, ...call, ...empty, status: "in_progress" });
    const [text, event] =
      call.type === "function_call"
        ? [call.arguments, "response.function_call_arguments.delta"]
        : [call.input, "response.custom_tool_call_input.delta"];
    const third = Math.ceil(text.length / 3);
    for (let at = 0; at < text.length; at += third) {
      const delta = text.slice(at, at + third);
      await this.send(event, { item_id: id, output_index: this.#output.length, delta });
    }
    await this.#done({ ...ids, ...call, status: "completed" });
  }

  /** What a tool of the provider has done. */
  async hosted(call: HostedCall): Promise<void> {
    await this.endItem();
    const id = `${call.type.slice(0, 2)}_${this.#context.number}_${this.#output.length}`;
    await this.#added({ type: call.type, id, status: "in_progress" });
    await this.#done({ status: "completed", ...call, id });
  }

  /** Completes the open text or thinking, if one is. */
  async endItem(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    const done = open.kind === "text" ? "output_text" : "reasoning_summary_text";
    await this.send(`response.${done}.done`, { ...this.#place(open), text: open.words });
    this.#open = undefined;
    const item = emptyItem(open.kind, open.id);
    await this.#done(
      open.kind === "text"
        ? { ...item, status: "completed", content: [{ ...textPart, text: open.words }] }
        : { ...item, summary: [{ ...summaryPart, text: open.words }], encrypted_content: "ZW5j" },
    );
  }

  async #begin(kind: "text" | "thinking"): Promise<OpenItem> {
    await this.endItem();
    const prefix = kind === "text" ? "msg" : "rs";
    const id = `${prefix}_${this.#context.number}_${this.#output.length}`;
    const open = { kind, id, words: "" };
    this.#open = open;
    await this.#added(emptyItem(kind, id));
    const [event, part] =
      kind === "text" ? ["content_part", textPart] : ["reasoning_summary_part", summaryPart];
    await this.send(`response.${event}.added`, { ...this.#place(open), part });
    return open;
  }

  #place({ kind, id }: OpenItem): Item {
    const index = kind === "text" ? { content_index: 0 } : { summary_index: 0 };
    return { item_id: id, output_index: this.#output.length, ...index };
  }

  #added(item: Item): Promise<void> {
    return this.send("response.output_item.added", { output_index: this.#output.length, item });
  }

  async #done(item: Item): Promise<void> {
    await this.send("response.output_item.done", { output_index: this.#output.length, item });
    this.#output.push(item);
  }
}

const textPart = { type: "output_text", text: "", annotations: [] };
const summaryPart = { type: "summary_text", text: "" };

function emptyItem(kind: "text" | "thinking", id: string): Item {
  return kind === "text"
    ? { type: "message", id, role: "assistant", status: "in_progress", content: [] }
    : { type: "reasoning", id, summary: [] };
}
