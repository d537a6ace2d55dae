import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { Gates } from "./gates.ts";
import type { WaitOptions } from "./gates.ts";
import { sendReply, streamReply } from "./model-reply.ts";
import { locate, messagesBody, toldResults } from "./model-request.ts";
import type { ModelRequest, ToldResult } from "./model-request.ts";
import { reply } from "./model-script.ts";
import type { HttpError, Reply, Script, Step } from "./model-script.ts";
import { claudeScenarios } from "./scenarios.ts";

const keptRequests = 200;

const errorTypes: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
};

const models = ["claude-scripted-1", "claude-scripted-2"].map((id) => ({
  type: "model",
  id,
  display_name: id,
  created_at: "2026-01-01T00:00:00Z",
}));

/** A scripted stand-in for the Anthropic Messages API on a loopback port. */
export class ModelServer implements AsyncDisposable {
  /** The newest requests that belong to a conversation, oldest first. */
  readonly requests: ModelRequest[] = [];
  readonly #server = createServer((request, response) => this.#accept(request, response));
  readonly #gates = new Gates();
  readonly #closing = new AbortController();
  readonly #answers = new Set<Promise<void>>();
  readonly #scripts: Map<string, Script>;
  readonly #attempts = new Map<string, number>();
  #numbered = 0;
  #url = "";

  constructor(scripts: Record<string, Script>) {
    this.#scripts = new Map(Object.entries(scripts));
  }

  /** The base URL, as `ANTHROPIC_BASE_URL` wants it. */
  get url(): string {
    return this.#url;
  }

  /** Sets what the model does after a user text that holds `@@name@@`. */
  script(name: string, script: Script): void {
    this.#scripts.set(name, script);
  }

  /** Resolves when a stream waits at `hold(name)`; fails after 20 s if no signal says otherwise. */
  reached(name: string, options: WaitOptions & { times?: number } = {}): Promise<void> {
    return this.#gates.reached(name, options);
  }

  /** Lets the streams that wait at `hold(name)`, and all later ones, go on. */
  release(name: string): void {
    this.#gates.release(name);
  }

  /** What the model was told about its tool calls, in the order in which it first heard it. */
  toolResults(): ToldResult[] {
    const byId = new Map<string, ToldResult>();
    for (const { body } of this.requests) {
      for (const result of toldResults(body)) byId.set(result.toolUseId, result);
    }
    return [...byId.values()];
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.all(this.#answers);
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    const answer = this.#answer(request, response)
      .catch((error: unknown) => {
        // A caller that goes away ends its answer; anything else is a mistake of a script.
        if (!response.destroyed && !this.#closing.signal.aborted) {
          sendError(response, { status: 500, message: String(error), headers: {} }, 0);
        }
      })
      .finally(() => this.#answers.delete(answer));
    this.#answers.add(answer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const route = `${request.method} ${pathname}`;
    if (route === "POST /v1/messages") return this.#messages(request, response);
    if (route === "POST /v1/messages/count_tokens") return sendJson(response, { input_tokens: 10 });
    if (route === "GET /v1/models") return sendJson(response, { data: models, has_more: false });
    sendError(response, { status: 404, message: `no route ${route}`, headers: {} }, 0);
  }

  async #messages(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const number = (this.#numbered += 1);
    const parsed = messagesBody.safeParse(await json(incoming).catch(() => undefined));
    if (!parsed.success) {
      return sendError(
        response,
        { status: 400, message: parsed.error.message, headers: {} },
        number,
      );
    }
    const body = parsed.data;
    const { script, step, position } = locate(body);
    const request = { headers: incoming.headers, body, script, step, position };
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const signal = AbortSignal.any([this.#closing.signal, gone.signal]);
    const context = { response, gates: this.#gates, model: body.model, number, signal };
    response.setHeader("request-id", `req_${number}`);

    const chosen = this.#choose(request);
    if (chosen === "drop") response.destroy();
    else if (chosen.step === "httpError") sendError(response, chosen, number);
    else if (body.stream === true) await streamReply(chosen, context);
    else await sendReply(chosen, context);
  }

  #choose(request: ModelRequest): Reply | HttpError | "drop" {
    // Agents ask for titles and summaries on the side; those requests carry no tools.
    if (!request.body.tools?.length) return reply("Scripted title");
    this.requests.push(request);
    if (this.requests.length > keptRequests) this.requests.shift();
    const script = this.#scripts.get(request.script ?? "") ?? [];
    const steps = typeof script === "function" ? script(request) : script;
    const step = steps[Math.min(request.step, steps.length - 1)];
    return step ? this.#resolve(step, request) : reply("Hello from the scripted model.");
  }

  #resolve(step: Step, request: ModelRequest): Reply | HttpError | "drop" {
    if (step.step === "drop") return "drop";
    if (step.step !== "repeat") return step;
    const { headers } = request;
    // Claude Code and OpenCode name their conversations so.
    const session = headers["x-claude-code-session-id"] ?? headers["x-session-id"] ?? "";
    const key = [session, request.script, request.position, request.step].join(" ");
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    return this.#resolve(attempt > step.times ? step.after : step.first, request);
  }
}

/** Starts a model server that knows the given scripts, by default those for Claude Code's tools. */
export async function startModelServer(
  options: { scripts?: Record<string, Script> } = {},
): Promise<ModelServer> {
  return new ModelServer(options.scripts ?? claudeScenarios).listen();
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
}

function sendError(response: ServerResponse, error: Omit<HttpError, "step">, number: number): void {
  if (response.headersSent) return void response.destroy();
  const body = {
    type: "error",
    error: { type: errorTypes[error.status] ?? "api_error", message: error.message },
    request_id: `req_${number}`,
  };
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  response.statusCode = error.status;
  sendJson(response, body);
}
