import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { Gates } from "../gates.ts";
import type { WaitOptions } from "../gates.ts";
import { reply } from "../model-script.ts";
import type { HttpError, Reply, Step } from "../model-script.ts";
import { streamReply } from "./reply.ts";
import { locate, offeredTools, responsesBody, toldOutputs } from "./request.ts";
import type { ResponsesRequest, ToldOutput } from "./request.ts";
import { codexScenarios } from "./scenarios.ts";

const keptRequests = 200;

const errorTypes: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  500: "server_error",
  503: "overloaded_error",
};

const models = ["scripted-1", "scripted-2"].map((id) => ({ id, object: "model", created: 0 }));

/** The steps of a conversation after one user text; the last one repeats. */
export type ResponsesScript = readonly Step[] | ((request: ResponsesRequest) => readonly Step[]);

/** A scripted stand-in for the OpenAI Responses API on a loopback port. */
export class ResponsesServer implements AsyncDisposable {
  /** The newest requests that belong to a conversation, oldest first. */
  readonly requests: ResponsesRequest[] = [];
  readonly #server = createServer((request, response) => this.#accept(request, response));
  readonly #gates = new Gates();
  readonly #closing = new AbortController();
  readonly #answers = new Set<Promise<void>>();
  readonly #scripts: Map<string, ResponsesScript>;
  readonly #attempts = new Map<string, number>();
  #numbered = 0;
  #url = "";

  constructor(scripts: Record<string, ResponsesScript>) {
    this.#scripts = new Map(Object.entries(scripts));
  }

  /** The base URL, as `base_url` of a provider wants it. */
  get url(): string {
    return this.#url;
  }

  /** Sets what the model does after a user text that holds `@@name@@`. */
  script(name: string, script: ResponsesScript): void {
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
  toolOutputs(): ToldOutput[] {
    const byId = new Map<string, ToldOutput>();
    for (const { body } of this.requests) {
      for (const output of toldOutputs(body)) byId.set(output.callId, output);
    }
    return [...byId.values()];
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
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
          sendError(response, { status: 500, message: String(error), headers: {} });
        }
      })
      .finally(() => this.#answers.delete(answer));
    this.#answers.add(answer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const route = `${request.method} ${pathname}`;
    if (route === "POST /v1/responses") return this.#responses(request, response);
    if (route === "GET /v1/models") return sendJson(response, { object: "list", data: models });
    sendError(response, { status: 404, message: `no route ${route}`, headers: {} });
  }

  async #responses(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const number = (this.#numbered += 1);
    const parsed = responsesBody.safeParse(await json(incoming).catch(() => undefined));
    if (!parsed.success) {
      return sendError(response, { status: 400, message: parsed.error.message, headers: {} });
    }
    const body = parsed.data;
    const { script, step, position } = locate(body);
    const request = { headers: incoming.headers, body, script, step, position };
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const signal = AbortSignal.any([this.#closing.signal, gone.signal]);
    response.setHeader("x-request-id", `req_${number}`);

    const chosen = this.#choose(request);
    if (chosen === "drop") response.destroy();
    else if (chosen.step === "httpError") sendError(response, chosen);
    else await streamReply(chosen, { response, gates: this.#gates, body, number, signal });
  }

  #choose(request: ResponsesRequest): Reply | HttpError | "drop" {
    // Agents ask for titles and summaries on the side; those requests carry no tools.
    if (offeredTools(request.body).length === 0) return reply("Scripted title");
    this.requests.push(request);
    if (this.requests.length > keptRequests) this.requests.shift();
    const script = this.#scripts.get(request.script ?? "") ?? [];
    const steps = typeof script === "function" ? script(request) : script;
    const step = steps[Math.min(request.step, steps.length - 1)];
    return step ? this.#resolve(step, request) : reply("Hello from the scripted model.");
  }

  #resolve(step: Step, request: ResponsesRequest): Reply | HttpError | "drop" {
    if (step.step === "drop") return "drop";
    if (step.step !== "repeat") return step;
    const { headers, script, position } = request;
    const key = [headers["thread-id"], script, position, request.step].join(" ");
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    return this.#resolve(attempt > step.times ? step.after : step.first, request);
  }
}

/** Starts a fake that knows the given scripts, by default those for the tools of Codex. */
export async function startResponsesServer(
  options: { scripts?: Record<string, ResponsesScript> } = {},
): Promise<ResponsesServer> {
  return new ResponsesServer(options.scripts ?? codexScenarios).listen();
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
}

function sendError(response: ServerResponse, error: Omit<HttpError, "step">): void {
  if (response.headersSent) return void response.destroy();
  const type = errorTypes[error.status] ?? "server_error";
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  response.statusCode = error.status;
  sendJson(response, { error: { message: error.message, type, param: null, code: type } });
}
