import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Gates } from "./gates.ts";
import type { ModelUsage } from "./model-script.ts";

/** The signature that the scripted model puts under its thinking. */
export const signature = "c2ln";

/** What an answer needs to know besides its script. */
export interface AnswerContext {
  response: ServerResponse;
  gates: Gates;
  model: string;
  /** The number of the request; ids are made of it, so they are unique in one server. */
  number: number;
  signal: AbortSignal;
}

/** Writes the events of one streamed message and keeps count of its blocks. */
export class MessageStream {
  readonly #context: AnswerContext;
  #index = -1;
  #open: "text" | "thinking" | "tool" | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  async start(usage: ModelUsage): Promise<void> {
    this.#context.response.writeHead(200, { "content-type": "text/event-stream" });
    const message = { ...emptyMessage(this.#context), usage: { ...usage, output_tokens: 1 } };
    await this.send("message_start", { message });
  }

  async send(type: string, data: Record<string, unknown>): Promise<void> {
    const { response, signal } = this.#context;
    signal.throwIfAborted();
    const frame = `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
    if (!response.write(frame)) await once(response, "drain", { signal });
  }

  ping(): void {
    this.#context.response.write('event: ping\ndata: {"type":"ping"}\n\n');
  }

  async words(kind: "text" | "thinking", words: string, gapMs: number): Promise<void> {
    const empty = kind === "text" ? { text: "" } : { thinking: "", signature: "" };
    if (this.#open !== kind) await this.#begin(kind, { type: kind, ...empty });
    for (const word of words.match(/\S+\s*|\s+/g) ?? []) {
      await this.#delta({ type: `${kind}_delta`, [kind]: word });
      if (gapMs > 0) await sleep(gapMs, undefined, { signal: this.#context.signal });
    }
  }

  async tool(name: string, input: Record<string, unknown>): Promise<void> {
    const id = toolUseId(this.#context.number, this.#index + 1);
    await this.#begin("tool", { type: "tool_use", id, name, input: {} });
    const json = JSON.stringify(input);
    const third = Math.ceil(json.length / 3);
    for (let at = 0; at < json.length; at += third) {
      await this.#delta({ type: "input_json_delta", partial_json: json.slice(at, at + third) });
    }
    await this.endBlock();
  }

  async endBlock(): Promise<void> {
    if (this.#open === undefined) return;
    if (this.#open === "thinking") await this.#delta({ type: "signature_delta", signature });
    this.#open = undefined;
    await this.send("content_block_stop", { index: this.#index });
  }

  async #begin(kind: "text" | "thinking" | "tool", block: unknown): Promise<void> {
    await this.endBlock();
    this.#open = kind;
    this.#index += 1;
    await this.send("content_block_start", { index: this.#index, content_block: block });
  }

  #delta(delta: Record<string, unknown>): Promise<void> {
    return this.send("content_block_delta", { index: this.#index, delta });
  }
}

/** A message as the Messages API shows it before it has any content. */
export function emptyMessage({ number, model }: AnswerContext): Record<string, unknown> {
  return {
    id: `msg_${number}`,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
}

/** The id of the tool call that is block `index` of answer `number`. */
export function toolUseId(number: number, index: number): string {
  return `toolu_${number}_${index}`;
}
