import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { sendReply, streamReply } from "./model-reply.ts";
import { locate, messagesBody, toldResults } from "./model-request.ts";
import type { ModelRequest, ToldResult } from "./model-request.ts";
import { reply } from "./model-script.ts";
import type { HttpError, Script } from "./model-script.ts";
import { claudeScenarios } from "./scenarios.ts";
import { ScriptedServer, sendError, sendJson } from "./scripted-server.ts";

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
export class ModelServer extends ScriptedServer<ModelRequest> {
  /** What the model was told about its tool calls, in the order in which it first heard it. */
  toolResults(): ToldResult[] {
    const byId = new Map<string, ToldResult>();
    for (const { body } of this.requests) {
      for (const result of toldResults(body)) byId.set(result.toolUseId, result);
    }
    return [...byId.values()];
  }

  protected override async answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const route = `${request.method} ${pathname}`;
    if (route === "POST /v1/messages") return this.#messages(request, response);
    if (route === "POST /v1/messages/count_tokens") return sendJson(response, { input_tokens: 10 });
    if (route === "GET /v1/models") return sendJson(response, { data: models, has_more: false });
    this.refuse(response, { status: 404, message: `no route ${route}`, headers: {} });
  }

  protected override refuse(response: ServerResponse, error: Omit<HttpError, "step">): void {
    const type = errorTypes[error.status] ?? "api_error";
    const request_id = response.getHeader("request-id") ?? "req_0";
    const { message } = error;
    sendError(response, error, { type: "error", error: { type, message }, request_id });
  }

  /** Claude Code and OpenCode name their conversations in headers. */
  protected override conversation({ headers }: ModelRequest): string {
    return String(headers["x-claude-code-session-id"] ?? headers["x-session-id"] ?? "");
  }

  async #messages(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const number = this.number();
    response.setHeader("request-id", `req_${number}`);
    const parsed = messagesBody.safeParse(await json(incoming).catch(() => undefined));
    if (!parsed.success) {
      const { message } = parsed.error;
      return this.refuse(response, { status: 400, message, headers: {} });
    }
    const body = parsed.data;
    const request = { headers: incoming.headers, body, script: undefined, ...locate(body) };
    const signal = this.signalOf(response);
    const context = { response, gates: this.gates, model: body.model, number, signal };

    // Agents ask for titles and summaries on the side; those requests carry no tools.
    const chosen = body.tools?.length ? this.choose(request) : reply("Scripted title");
    if (chosen === "drop") response.destroy();
    else if (chosen.step === "httpError") this.refuse(response, chosen);
    else if (body.stream === true) await streamReply(chosen, context);
    else await sendReply(chosen, context);
  }
}

/** Starts a model server that knows the given scripts, by default those for Claude Code's tools. */
export async function startModelServer(
  options: { scripts?: Record<string, Script> } = {},
): Promise<ModelServer> {
  return new ModelServer(options.scripts ?? claudeScenarios).listen();
}
