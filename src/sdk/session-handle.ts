import type { EventsResponse, TurnEndedMetadata, UniversalEvent } from "../schema/event.ts";
import type { MessageRequest } from "../schema/message.ts";
import type { PermissionReply } from "../schema/permission.ts";
import type { SessionInfo } from "../schema/session.ts";
import type { SandboxAgentClient } from "./client.ts";
import { abortable } from "./abortable.ts";
import { type Connection, path } from "./connection.ts";
import type { EventsQuery, FollowOptions } from "./follow.ts";
import { prompt, type PromptOptions } from "./prompt.ts";

/** One session: what the client does with an id, without the id. */
export class SessionHandle {
  readonly id: string;
  readonly #client: SandboxAgentClient;
  readonly #connection: Connection;

  constructor(client: SandboxAgentClient, connection: Connection, id: string) {
    this.#client = client;
    this.#connection = connection;
    this.id = id;
  }

  info(): Promise<SessionInfo> {
    return this.#client.getSession(this.id);
  }

  /**
   * Sends a message and gives all events of its turn, up to and with `turn.ended`; the generator's
   * return value says how the turn ended. Requests of the agent are answered by the callbacks; one
   * without a callback waits for somebody else's answer. A broken connection is made again. Aborting
   * the signal interrupts the turn; merely leaving the loop lets it run.
   */
  prompt(
    message: string | MessageRequest,
    options?: PromptOptions,
  ): AsyncGenerator<UniversalEvent, TurnEndedMetadata, void> {
    const request = typeof message === "string" ? { message } : message;
    return abortable((left) => prompt(this, request, options, left));
  }

  /** Sends a message and resolves with the id of the turn that it becomes. */
  async send(request: MessageRequest, signal?: AbortSignal): Promise<string> {
    const at = path`/v1/sessions/${this.id}/messages`;
    const { headers } = await this.#connection.request("POST", at, { body: request, signal });
    const turnId = headers.get("x-turn-id");
    if (turnId !== null) return turnId;
    throw new Error("the daemon did not say which turn it is: `x-turn-id` is not in its answer");
  }

  /** A page of the events. */
  getEvents(query?: EventsQuery): Promise<EventsResponse> {
    return this.#client.getEvents(this.id, query);
  }

  /** An image that an event names by this path. */
  getImage(path: string, signal?: AbortSignal): Promise<Blob> {
    return this.#client.getImage(this.id, path, signal);
  }

  /** The events after `offset` and all that follow. */
  events(
    query?: EventsQuery,
    signal?: AbortSignal,
    options?: FollowOptions,
  ): AsyncGenerator<UniversalEvent, void, void> {
    return this.#client.streamEvents(this.id, query, signal, options);
  }

  /** Allows or refuses what the agent wants to do. */
  replyPermission(permissionId: string, reply: PermissionReply): Promise<void> {
    return this.#client.replyPermission(this.id, permissionId, { reply });
  }

  /** Answers a question, each part by the labels chosen; null refuses to answer. */
  replyQuestion(questionId: string, answers: string[][] | null): Promise<void> {
    if (answers === null) return this.#client.rejectQuestion(this.id, questionId);
    return this.#client.replyQuestion(this.id, questionId, { answers });
  }

  /** Stops the running turn; session and queue stay. */
  interrupt(): Promise<void> {
    return this.#client.interruptSession(this.id);
  }

  /** Ends the session; its events can still be read. */
  terminate(): Promise<void> {
    return this.#client.terminateSession(this.id);
  }

  /** Ends the session and forgets it with its events. */
  delete(): Promise<void> {
    return this.#client.deleteSession(this.id);
  }
}
