import type {
  AgentInstallRequest,
  AgentListResponse,
  AgentModelsResponse,
  AgentModesResponse,
  HealthResponse,
} from "../schema/agent.ts";
import type { DoctorReport } from "../schema/doctor.ts";
import type { EventsResponse, UniversalEvent } from "../schema/event.ts";
import type { MessageRequest } from "../schema/message.ts";
import type { PermissionReplyRequest } from "../schema/permission.ts";
import type { QuestionReplyRequest } from "../schema/question.ts";
import type {
  CreateSessionRequest,
  CreateSessionResponse,
  SessionInfo,
  SessionListResponse,
} from "../schema/session.ts";
import { abortable } from "./abortable.ts";
import { Connection, path, type SandboxAgentConnectOptions } from "./connection.ts";
import { readEvents } from "./event-stream.ts";
import { eitherOf, type EventsQuery, follow, type FollowOptions } from "./follow.ts";
import { SessionHandle } from "./session-handle.ts";

/** Query of a turn's stream: with the agent's own messages where `includeRaw` is true. */
export interface TurnStreamQuery {
  includeRaw?: boolean | null;
  include_raw?: boolean | null;
}

/**
 * A method per route of the daemon. Every method rejects with a `SandboxAgentError` where the daemon
 * refuses, and with what `fetch` throws where it cannot be reached.
 */
export class SandboxAgentClient implements AsyncDisposable {
  readonly #connection: Connection;

  protected constructor(options: SandboxAgentConnectOptions) {
    this.#connection = new Connection(options);
  }

  /** Where the daemon listens. */
  get baseUrl(): string {
    return this.#connection.baseUrl;
  }

  getHealth(): Promise<HealthResponse> {
    return this.#connection.json("GET", "/v1/health");
  }

  /** The description of the API (OpenAPI 3.1). */
  getOpenApi(): Promise<Record<string, unknown>> {
    return this.#connection.json("GET", "/openapi.json");
  }

  listAgents(): Promise<AgentListResponse> {
    return this.#connection.json("GET", "/v1/agents");
  }

  /** Installs an agent that is not there; with `reinstall` in any case. Resolves when it can be used. */
  async installAgent(agent: string, request: AgentInstallRequest = {}): Promise<void> {
    await this.#connection.json("POST", path`/v1/agents/${agent}/install`, { body: request });
  }

  getAgentModes(agent: string): Promise<AgentModesResponse> {
    return this.#connection.json("GET", path`/v1/agents/${agent}/modes`);
  }

  getAgentModels(agent: string): Promise<AgentModelsResponse> {
    return this.#connection.json("GET", path`/v1/agents/${agent}/models`);
  }

  /** Whether an agent can work there; `checkKey` also has its model's server asked for the key. */
  getAgentDoctor(agent: string, query: { checkKey?: boolean } = {}): Promise<DoctorReport> {
    return this.#connection.json("GET", path`/v1/agents/${agent}/doctor`, { query });
  }

  createSession(sessionId: string, request: CreateSessionRequest): Promise<CreateSessionResponse> {
    return this.#connection.json("POST", path`/v1/sessions/${sessionId}`, { body: request });
  }

  listSessions(): Promise<SessionListResponse> {
    return this.#connection.json("GET", "/v1/sessions");
  }

  getSession(sessionId: string): Promise<SessionInfo> {
    return this.#connection.json("GET", path`/v1/sessions/${sessionId}`);
  }

  /** Ends a session and forgets it with its events; the id is free again. */
  async deleteSession(sessionId: string): Promise<void> {
    await this.#connection.json("DELETE", path`/v1/sessions/${sessionId}`);
  }

  /** Stops the running turn; session and queue stay. */
  async interruptSession(sessionId: string): Promise<void> {
    await this.#connection.json("POST", path`/v1/sessions/${sessionId}/interrupt`);
  }

  /** Ends a session; its events can still be read. */
  async terminateSession(sessionId: string): Promise<void> {
    await this.#connection.json("POST", path`/v1/sessions/${sessionId}/terminate`);
  }

  /** Sends a message; it waits while a turn runs. Resolves when it is accepted, not when it is answered. */
  async postMessage(sessionId: string, request: MessageRequest): Promise<void> {
    await this.#connection.json("POST", path`/v1/sessions/${sessionId}/messages`, {
      body: request,
    });
  }

  /** A page of a session's events. */
  getEvents(sessionId: string, query?: EventsQuery): Promise<EventsResponse> {
    return this.#connection.json("GET", path`/v1/sessions/${sessionId}/events`, { query });
  }

  /** The answer whose body is the stream of a session's events, for whoever reads it himself. */
  getEventsSse(sessionId: string, query?: EventsQuery, signal?: AbortSignal): Promise<Response> {
    const at = path`/v1/sessions/${sessionId}/events/sse`;
    return this.#connection.stream("GET", at, { query, signal });
  }

  /** Sends a message; the answer's body is the stream of its turn's events. */
  postMessageStream(
    sessionId: string,
    request: MessageRequest,
    query?: TurnStreamQuery,
    signal?: AbortSignal,
  ): Promise<Response> {
    const at = path`/v1/sessions/${sessionId}/messages/stream`;
    return this.#connection.stream("POST", at, { query, body: request, signal });
  }

  /**
   * A session's events after `offset` and all that follow, each once, until `session.ended`. When the
   * connection breaks off it connects again after the last event, unless told not to.
   */
  streamEvents(
    sessionId: string,
    query?: EventsQuery,
    signal?: AbortSignal,
    options?: FollowOptions,
  ): AsyncGenerator<UniversalEvent, void, void> {
    return abortable((left) =>
      follow(this.#connection, sessionId, query, eitherOf(signal, left), options),
    );
  }

  /** Sends a message and gives the events of its turn, up to its end or its first open request. */
  streamTurn(
    sessionId: string,
    request: MessageRequest,
    query?: TurnStreamQuery,
    signal?: AbortSignal,
  ): AsyncGenerator<UniversalEvent, void, void> {
    return abortable((left) =>
      readTurn(this.postMessageStream(sessionId, request, query, eitherOf(signal, left))),
    );
  }

  /** An image that an event of the session names by this path: a PNG, JPEG, GIF or WebP. */
  async getImage(sessionId: string, imagePath: string, signal?: AbortSignal): Promise<Blob> {
    const at = path`/v1/sessions/${sessionId}/images`;
    const options = { query: { path: imagePath }, accept: "image/*", signal };
    return await (await this.#connection.request("GET", at, options)).blob();
  }

  async replyQuestion(
    sessionId: string,
    questionId: string,
    request: QuestionReplyRequest,
  ): Promise<void> {
    const at = path`/v1/sessions/${sessionId}/questions/${questionId}/reply`;
    await this.#connection.json("POST", at, { body: request });
  }

  async rejectQuestion(sessionId: string, questionId: string): Promise<void> {
    const at = path`/v1/sessions/${sessionId}/questions/${questionId}/reject`;
    await this.#connection.json("POST", at);
  }

  async replyPermission(
    sessionId: string,
    permissionId: string,
    request: PermissionReplyRequest,
  ): Promise<void> {
    const at = path`/v1/sessions/${sessionId}/permissions/${permissionId}/reply`;
    await this.#connection.json("POST", at, { body: request });
  }

  /** One session, by its id; nothing is asked of the daemon yet. */
  session(sessionId: string): SessionHandle {
    return new SessionHandle(this, this.#connection, sessionId);
  }

  /** Creates a session and gives its handle; without an id it gets a random one. */
  async openSession(
    request: CreateSessionRequest,
    sessionId: string = `session-${randomSuffix()}`,
  ): Promise<SessionHandle> {
    await this.createSession(sessionId, request);
    return this.session(sessionId);
  }

  /** Ends what was started with `start()`; a client that only connected has nothing to end. */
  async dispose(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

async function* readTurn(response: Promise<Response>): AsyncGenerator<UniversalEvent, void, void> {
  yield* readEvents(await response);
}

/** `crypto.randomUUID` exists only on pages that are served securely. */
function randomSuffix(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
