import { EventEmitter, once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Gates } from "../gates.ts";
import type { HttpError, ModelUsage, Part, Reply } from "../model-script.ts";
import { type AmpRequest, locate, type ThreadMessage, threadMessage } from "./request.ts";
import type { WebSocketPeer } from "./websocket.ts";

const defaultUsage: ModelUsage = {
  input_tokens: 100,
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 30,
  output_tokens: 42,
};

/** The context window that the scripted model says it has. */
export const CONTEXT_WINDOW = 200_000;

/** What the CLI sends over the socket (0.0.1790142911). */
const call = z.looseObject({
  id: z.unknown().optional(),
  method: z.string(),
  params: z.looseObject({}).default({}),
});
const tools = z.object({ tools: z.array(z.looseObject({ name: z.string() })).default([]) });
const userMessage = z.looseObject({
  messageId: z.string(),
  content: threadMessage.shape.content,
  agentMode: z.string().optional(),
});
const toolResult = z.object({
  toolCallId: z.string(),
  run: z.looseObject({ status: z.string() }),
});

type Block = Record<string, unknown> & { type: string };

/** What a thread needs of its server. */
export interface ThreadHost {
  gates: Gates;
  /** What the model does next; `drop` breaks the connection. */
  choose(request: AmpRequest): Reply | HttpError | "drop";
  /** A number that no other answer has. */
  number(): number;
  signal: AbortSignal;
}

/** One conversation on the server: its messages, its clients, and the turn that runs. */
export class AmpThread {
  readonly id: string;
  readonly messages: ThreadMessage[] = [];
  mode = "medium";
  readonly #host: ThreadHost;
  readonly #bell = new EventEmitter();
  readonly #peers = new Set<WebSocketPeer>();
  readonly #queue: z.infer<typeof userMessage>[] = [];
  /** The tools that the executor offers, by name. */
  #tools: string[] = [];
  /** Who waits for the result of a call, by its id. */
  readonly #calls = new Map<string, (run: Record<string, unknown>) => void>();
  #headers: IncomingHttpHeaders = {};
  #version = 0;
  /** What clients that come back are told again, by version. */
  readonly #history: string[] = [];
  #state: Record<string, unknown> = { state: "idle" };
  #cancel: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(id: string, host: ThreadHost) {
    this.id = id;
    this.#host = host;
  }

  /** How many changes it has seen. */
  get version(): number {
    return this.#version;
  }

  /** Resolves when no turn runs. */
  get idle(): Promise<void> {
    return this.#running;
  }

  /** A client has come. */
  connect(peer: WebSocketPeer, headers: IncomingHttpHeaders): void {
    this.#headers = headers;
    this.#peers.add(peer);
    void peer.closed.then(() => this.#peers.delete(peer));
    this.#tell("observers", { count: this.#peers.size, observers: [] });
    this.#tell("agent_state", this.#state);
  }

  /** Takes what a client says. */
  take(peer: WebSocketPeer, text: string): void {
    if (text === "ping") return peer.send("pong");
    const { id, method, params } = call.parse(JSON.parse(text));
    if (id !== undefined) {
      const result = method === "client_resume" ? { replayThroughSeq: this.#version } : {};
      peer.send(JSON.stringify({ jsonrpc: "2.0", id, result }));
    }
    if (method === "client_resume") {
      for (const missed of this.#history.slice(Number(params["version"]))) peer.send(missed);
    }
    switch (method) {
      case "executor_connect":
        this.#tools = [];
        // Whoever had these calls has gone.
        for (const end of this.#calls.values()) end({ status: "cancelled" });
        this.#tell("executor_connected", {
          executorId: params["clientId"],
          registeredToolCount: 0,
          guidanceInventory: [],
          resumeBootstrap: false,
        });
        return;
      case "executor_tools_bootstrap_complete":
        this.#bell.emit("ready");
        return;
      case "executor_tools_register":
        this.#tools.push(...tools.parse(params).tools.map(({ name }) => name));
        return;
      case "client_append_user_msg":
        this.#queue.push(userMessage.parse(params));
        return this.#next();
      case "executor_tool_result": {
        const { toolCallId, run } = toolResult.parse(params);
        return this.#calls.get(toolCallId)?.(run);
      }
      case "client_cancel":
        this.#cancel?.abort();
    }
  }

  /**
   * Breaks the connections to all clients and goes on when they are back. What is complete while the
   * CLI is away, and is only replayed to it, it does not print (0.0.1790142911).
   */
  async #drop(signal: AbortSignal): Promise<void> {
    // The pause is part of the fault: destroy() drops unsent bytes.
    await sleep(50, undefined, { signal });
    for (const peer of this.#peers) peer.destroy();
    await once(this.#bell, "ready", { signal });
  }

  #next(): void {
    if (this.#cancel) return;
    const message = this.#queue.shift();
    if (!message) return;
    const cancel = new AbortController();
    this.#cancel = cancel;
    const signal = AbortSignal.any([cancel.signal, this.#host.signal]);
    this.#running = this.#turn(message, signal)
      // Cancelled, or the server is being closed.
      .catch(() => this.#change("cancelled", {}))
      .finally(() => {
        this.#cancel = undefined;
        this.#calls.clear();
        this.#enter({ state: "idle", messageId: message.messageId });
        this.#next();
      });
  }

  async #turn({ messageId, ...user }: z.infer<typeof userMessage>, signal: AbortSignal) {
    const { content, userState, agentMode = this.mode } = user;
    this.mode = agentMode;
    this.#add({ role: "user", messageId, content, ...(userState !== undefined && { userState }) });
    this.#enter({ state: "working", messageId, agentMode: this.mode });
    for (;;) {
      const request = {
        headers: this.#headers,
        threadId: this.id,
        mode: this.mode,
        tools: this.#tools,
        messages: [...this.messages],
        ...locate(this.messages),
      };
      const chosen = this.#host.choose(request);
      if (chosen === "drop") {
        await this.#drop(signal);
        continue;
      }
      if (chosen.step === "httpError") return this.#fail(chosen.message, messageId);
      const calls = await this.#answer(chosen, messageId, signal);
      if (!calls) return;
      // All at once: the CLI runs them side by side.
      await Promise.all(calls.map((use) => this.#run(use, messageId, signal)));
      if (calls.length === 0) return;
    }
  }

  /** Plays an answer; gives its tool calls, or undefined where it did not come to its end. */
  async #answer(reply: Reply, turnMessage: string, signal: AbortSignal) {
    const number = this.#host.number();
    const messageId = idOf("M", number);
    const content: Block[] = [];
    let open: Block | undefined;
    this.#tell("inference_tools", { messageId, agentMode: this.mode, tools: this.#tools });
    this.#enter({ state: "streaming", messageId });
    for (const part of reply.parts) {
      if (part.part === "text" || part.part === "thinking") {
        if (open?.type !== part.part) content.push((open = begun(part)));
        open[part.part] = `${String(open[part.part])}${part.text}`;
        await this.#stream(messageId, part, signal);
      } else if (part.part === "tool") {
        const id = idOf("TU", number, content.length);
        content.push({ ...part, part: undefined, type: "tool_use", id, complete: true });
        open = undefined;
      } else if (part.part === "endBlock") open = undefined;
      else if (part.part === "hold") await this.#host.gates.pass(part.name, () => {}, signal);
      else if (part.part === "streamError") return this.#fail(part.message, turnMessage);
      else if (part.part === "cut") await this.#drop(signal);
      else for (const peer of this.#peers) peer.send("{not json");
    }
    const uses = content.filter(({ type }) => type === "tool_use");
    const stopReason = reply.stopReason ?? (uses.length > 0 ? "tool_use" : "end_turn");
    const state = { type: "complete", stopReason };
    this.#add({ role: "assistant", messageId, content, state, usage: usageOf(reply) });
    return uses;
  }

  /** The words as they come; the CLI is told all of them again in the message. */
  async #stream(
    messageId: string,
    { part: type, text, gapMs }: Extract<Part, { gapMs: number }>,
    signal: AbortSignal,
  ): Promise<void> {
    for (const word of text.match(/\S+\s*|\s+/g) ?? []) {
      const blocks = [{ type, [type]: word }];
      this.#tell("delta", { messageId, role: "assistant", blocks, state: "generating" });
      if (gapMs > 0) await sleep(gapMs, undefined, { signal });
    }
  }

  /** Lets the CLI run a tool and keeps what comes of it. */
  async #run({ id, name, input }: Block, messageId: string, signal: AbortSignal): Promise<void> {
    const toolCallId = String(id);
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    signal.addEventListener("abort", () => reject(signal.reason));
    signal.throwIfAborted();
    this.#calls.set(toolCallId, resolve);
    this.#tell("tool_lease", { toolCallId, toolName: name, args: input, messageId });
    const run = await promise;
    this.#tell("executor_tool_result_ack", { toolCallId });
    const content = [{ type: "tool_result", toolUseID: toolCallId, run }];
    this.#add({ role: "user", messageId: idOf("M", this.#host.number()), content });
  }

  #fail(message: string, messageId: string): undefined {
    this.#change("error_set", { error: { message } });
    this.#enter({ state: "error", messageId });
  }

  #add(said: ThreadMessage): void {
    const message = { threadId: this.id, ...said };
    this.messages.push(message);
    this.#change("message_added", { message });
  }

  /** Tells a change of the thread, now and to whoever has missed it. */
  #change(method: string, params: Record<string, unknown>): void {
    const seq = ++this.#version;
    this.#history.push(this.#tell(method, { ...params, seq }));
  }

  #enter(state: Record<string, unknown>): void {
    this.#state = state;
    this.#tell("agent_state", state);
  }

  #tell(method: string, params: Record<string, unknown>): string {
    const text = JSON.stringify({ jsonrpc: "2.0", method, params });
    for (const peer of this.#peers) peer.send(text);
    return text;
  }
}

function begun({ part }: { part: "text" | "thinking" }): Block {
  if (part === "text") return { type: "text", text: "" };
  return { type: "thinking", thinking: "", signature: "c2ln", provider: "anthropic" };
}

/** An id as the CLI takes it: 22 characters. */
function idOf(kind: "M" | "TU", ...numbers: number[]): string {
  return `${kind}-${numbers.join("x").padStart(22, "0")}`;
}

function usageOf(reply: Reply): Record<string, unknown> {
  const usage = { ...defaultUsage, ...reply.usage };
  const { input_tokens, output_tokens } = usage;
  const { cache_creation_input_tokens: written, cache_read_input_tokens: read } = usage;
  return {
    model: "scripted",
    maxInputTokens: CONTEXT_WINDOW,
    inputTokens: input_tokens,
    outputTokens: output_tokens,
    cacheCreationInputTokens: written,
    cacheReadInputTokens: read,
    totalInputTokens: input_tokens + written + read,
  };
}
