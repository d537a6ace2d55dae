import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { reply } from "../model-script.ts";
import type { HttpError } from "../model-script.ts";
import { type ScriptFor, ScriptedServer, sendError, sendJson } from "../scripted-server.ts";
import { streamReply } from "./reply.ts";
import { locate, offeredTools, responsesBody, toldOutputs } from "./request.ts";
import type { ResponsesRequest, ToldOutput } from "./request.ts";
import { codexScenarios } from "./scenarios.ts";

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
export type ResponsesScript = ScriptFor<ResponsesRequest>;

/** A scripted stand-in for the OpenAI Responses API on a loopback port. */
export class ResponsesServer extends ScriptedServer<ResponsesRequest> {
  /** The base URL, as `base_url` of a provider wants it. */
  override get url(): string {
    return `${super.url}/v1`;
  }

  /** What the model was told about its tool calls, in the order in which it first heard it. */
  toolOutputs(): ToldOutput[] {
    const byId = new Map<string, ToldOutput>();
    for (const { body } of this.requests) {
      for (const output of toldOutputs(body)) byId.set(output.callId, output);
    }
    return [...byId.values()];
  }

  protected override async answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const route = `${request.method} ${pathname}`;
    if (route === "POST /v1/responses") return this.#responses(request, response);
    if (route === "GET /v1/models") return sendJson(response, { object: "list", data: models });
    this.refuse(response, { status: 404, message: `no route ${route}`, headers: {} });
  }

  protected override refuse(response: ServerResponse, error: Omit<HttpError, "step">): void {
    const type = errorTypes[error.status] ?? "server_error";
    const { message } = error;
    sendError(response, error, { error: { message, type, param: null, code: type } });
  }

  protected override conversation({ headers }: ResponsesRequest): string {
    return String(headers["thread-id"]);
  }

  async #responses(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const number = this.number();
    const parsed = responsesBody.safeParse(await json(incoming).catch(() => undefined));
    if (!parsed.success) {
      const { message } = parsed.error;
      return this.refuse(response, { status: 400, message, headers: {} });
    }
    const body = parsed.data;
    const request = { headers: incoming.headers, body, script: undefined, ...locate(body) };
    const signal = this.signalOf(response);
    response.setHeader("x-request-id", `req_${number}`);

    // Agents ask for titles and summaries on the side; those requests carry no tools.
    const offered = offeredTools(body).length > 0;
    const chosen = offered ? this.choose(request) : reply("Scripted title");
    if (chosen === "drop") response.destroy();
    else if (chosen.step === "httpError") this.refuse(response, chosen);
    else await streamReply(chosen, { response, gates: this.gates, body, number, signal });
  }
}

/** Starts a fake that knows the given scripts, by default those for the tools of Codex. */
export async function startResponsesServer(
  options: { scripts?: Record<string, ResponsesScript> } = {},
): Promise<ResponsesServer> {
  return new ResponsesServer(options.scripts ?? codexScenarios).listen();
}
