import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { expect, vi } from "vitest";
import type { ContentPart } from "../../src/schema/content.ts";
import { EventsResponse, type UniversalEvent } from "../../src/schema/event.ts";
import type { MessageAttachment } from "../../src/schema/message.ts";
import type { PermissionReply } from "../../src/schema/permission.ts";
import type { CreateSessionRequest, SessionInfo } from "../../src/schema/session.ts";
import { assertWellFormed } from "./conformance.ts";
import { type LivingProcess, processesWith } from "./processes.ts";
import { brief } from "./session-events.ts";
import { collectAll, readSse } from "./sse.ts";

const waitMs = 60_000;
const goneMs = 60_000;
/** Names the session in the environment of its processes, as no other of any daemon. */
export const SESSION_MARKER = "SA_TEST_SESSION";

type EventOf<T extends UniversalEvent["type"]> = Extract<UniversalEvent, { type: T }>;
type Body = CreateSessionRequest;

interface FinishOptions {
  garbled?: boolean;
  kind?: "type" | "method" | null;
  shared?: boolean;
}

/**
 * A session of a daemon as a client sees it: its events are read from the stream as they come, from
 * the first on.
 */
export class LiveSession {
  readonly id: string;
  /** The events so far without those that are hidden. */
  readonly events: UniversalEvent[] = [];
  /** The events from the first on. */
  readonly #log: UniversalEvent[] = [];
  readonly #url: string;
  readonly #mark: string;
  readonly #bell = new EventEmitter().setMaxListeners(0);
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;
  /** Sequences of the requests that a test has been given. */
  readonly #taken = new Set<number>();

  private constructor(daemonUrl: string, id: string, mark: string) {
    this.id = id;
    this.#mark = mark;
    this.#url = `${daemonUrl}/v1/sessions/${id}`;
    this.#reading = this.#read();
    // Awaited by `finish` or `abandon`; until then its failure is nobody's.
    this.#reading.catch(() => {});
  }

  /**
   * Creates a session and begins to read its events. An agent whose sessions have no variables of
   * their own cannot be given a `mark`: its processes are not told apart, unless by the mark that a
   * server has which no other session uses.
   */
  static async open(
    daemonUrl: string,
    id: string,
    body: Body,
    options: { mark?: boolean | string } = {},
  ): Promise<LiveSession> {
    const mark = typeof options.mark === "string" ? options.mark : randomUUID();
    const isNew = options.mark === undefined || options.mark === true;
    const env = isNew ? { ...body.env, [SESSION_MARKER]: mark } : body.env;
    await request(`${daemonUrl}/v1/sessions/${id}`, "POST", { ...body, env });
    return new LiveSession(daemonUrl, id, mark);
  }

  /** Sends a message; gives the id of its turn. */
  async send(message: string, attachments: MessageAttachment[] = []): Promise<string> {
    const answer = await this.#post("messages", { message, attachments });
    return answer.headers.get("x-turn-id") ?? "";
  }

  /** Sends a message and waits for the end of its turn. */
  async run(message: string): Promise<EventOf<"turn.ended">["data"]["metadata"]> {
    return await this.turnEnded(await this.send(message));
  }

  /** Waits for the end of a turn and gives what is said of it. */
  async turnEnded(
    turnId: string,
    limitMs?: number,
  ): Promise<EventOf<"turn.ended">["data"]["metadata"]> {
    const ended = await this.until("turn.ended", ({ data }) => data.turn_id === turnId, limitMs);
    return ended.data.metadata;
  }

  /** Waits for an event of a type that is accepted. */
  async until<T extends UniversalEvent["type"]>(
    type: T,
    accept: (event: EventOf<T>) => boolean = () => true,
    limitMs?: number,
  ): Promise<EventOf<T>> {
    return await this.#find(type, () => this.of(type).find(accept), limitMs);
  }

  /** The events of a type so far. */
  of<T extends UniversalEvent["type"]>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** The texts of the assistant's messages that are complete, oldest first. */
  said(): string[] {
    return this.#parts((item) => item.role === "assistant").flatMap((part) =>
      part.type === "text" ? [part.text] : [],
    );
  }

  /** The results of tool calls so far, oldest first. */
  results() {
    return this.#parts(() => true).flatMap((part) => (part.type === "tool_result" ? [part] : []));
  }

  /** The parts of a type in the items that are complete, oldest first. */
  parts<T extends ContentPart["type"]>(type: T): Extract<ContentPart, { type: T }>[] {
    return this.#parts(() => true).filter(
      (part): part is Extract<ContentPart, { type: T }> => part.type === type,
    );
  }

  /** The labels of the status items so far. */
  statusLabels(): string[] {
    return this.#parts(() => true).flatMap((part) => (part.type === "status" ? [part.label] : []));
  }

  /** Waits for the next permission request that has not been given yet. */
  async permission(): Promise<EventOf<"permission.requested">["data"]> {
    const event = await this.until(
      "permission.requested",
      ({ sequence }) => !this.#taken.has(sequence),
    );
    this.#taken.add(event.sequence);
    return event.data;
  }

  /** Waits for the next permission request in a turn; undefined where the turn ends without one. */
  async permissionIn(turnId: string): Promise<EventOf<"permission.requested">["data"] | undefined> {
    const found = await this.#find("a permission or the end of the turn", () => {
      const asked = this.of("permission.requested").find((one) => !this.#taken.has(one.sequence));
      return asked ?? this.of("turn.ended").find(({ data }) => data.turn_id === turnId);
    });
    if (found.type === "turn.ended") return undefined;
    this.#taken.add(found.sequence);
    return found.data;
  }

  /** Allows once all that is asked for in a turn, and waits for its end. */
  async allowAll(turnId: string): Promise<EventOf<"turn.ended">["data"]["metadata"]> {
    for (;;) {
      const asked = await this.permissionIn(turnId);
      if (!asked) return await this.turnEnded(turnId);
      await this.replyTo(asked, "once");
    }
  }

  /** Waits for the next question that has not been given yet. */
  async question(): Promise<EventOf<"question.requested">["data"]> {
    const event = await this.until(
      "question.requested",
      ({ sequence }) => !this.#taken.has(sequence),
    );
    this.#taken.add(event.sequence);
    return event.data;
  }

  /** Waits for the next permission request and replies to it. */
  async reply(reply: PermissionReply): Promise<EventOf<"permission.requested">["data"]> {
    const asked = await this.permission();
    await this.replyTo(asked, reply);
    return asked;
  }

  async replyTo(asked: { permission_id: string }, reply: PermissionReply): Promise<void> {
    await this.#post(`permissions/${asked.permission_id}/reply`, { reply });
  }

  /** Waits for the next question and answers it; null rejects it. */
  async answer(answers: string[][] | null): Promise<EventOf<"question.requested">["data"]> {
    const asked = await this.question();
    await this.answerTo(asked, answers);
    return asked;
  }

  async answerTo(asked: { question_id: string }, answers: string[][] | null): Promise<void> {
    const path = `questions/${asked.question_id}`;
    await (answers ? this.#post(`${path}/reply`, { answers }) : this.#post(`${path}/reject`));
  }

  async interrupt(): Promise<void> {
    await this.#post("interrupt");
  }

  async terminate(): Promise<void> {
    await this.#post("terminate");
  }

  async info(): Promise<SessionInfo> {
    return (await (await request(this.#url, "GET")).json()) as SessionInfo;
  }

  /**
   * Leaves the events so far out of `events` and of the answers of all other methods. `finish` still
   * checks them. The session must be idle.
   */
  async hideEvents(): Promise<void> {
    const { status, eventCount } = await this.info();
    expect(status).toBe("idle");
    await this.#find(`event ${eventCount}`, () => this.#log[eventCount - 1]);
    this.events.length = 0;
  }

  /** All events so far with the agent's own messages. */
  async raw(): Promise<UniversalEvent[]> {
    return (await this.#poll("?include_raw=true")).events;
  }

  /** The living processes of the session: the agent's and all that it has started. */
  processes(): Promise<LivingProcess[]> {
    return processesWith(`${SESSION_MARKER}=${this.#mark}`);
  }

  /** The processes of the agent itself. */
  async agentProcesses(): Promise<LivingProcess[]> {
    return (await this.processes()).filter(({ command }) => command.includes("--input-format"));
  }

  /**
   * Terminates the session and checks what must hold of every one: its events are well formed, every
   * reader is given the same ones, raw payloads are there, `secrets` nowhere, and no process is left.
   * Where the agent's output was `garbled`, its own messages may be none of its protocol; else each
   * has the member `kind`, or there are none where that is null. A `shared` server stays.
   */
  async finish(secrets: readonly string[] = [], options: FinishOptions = {}): Promise<void> {
    const { garbled = false, kind = "type", shared = false } = options;
    await this.terminate();
    await this.#reading;
    assertWellFormed(this.#log, { ended: true, unparsed: garbled });
    expect(await this.#poll("")).toEqual({ events: this.#log, hasMore: false });
    expect(await this.#replay("")).toEqual(this.#log);

    const events = await this.raw();
    expect(await this.#replay("?include_raw=true")).toEqual(events);
    expect(events.map((event) => ({ ...event, raw: null }))).toEqual(this.#log);
    for (const event of events) {
      if (garbled) expect(event).toHaveProperty("raw");
      else if (kind === null) expect(event.raw).toBe(null);
      else if (!event.synthetic) expect(event.raw, brief(event)).toHaveProperty(kind);
    }
    const told = JSON.stringify([events, await this.info()]);
    for (const secret of secrets) expect(told).not.toContain(secret);
    if (!shared) await this.#expectNoProcesses();
  }

  /** Stops reading. */
  async abandon(): Promise<void> {
    this.#stop.abort();
    await this.#reading.catch(() => {});
  }

  /** Waits until something is found among the events. */
  async #find<T>(what: string, find: () => T | undefined, limitMs = waitMs): Promise<T> {
    const signal = AbortSignal.timeout(limitMs);
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      try {
        await once(this.#bell, "event", { signal });
      } catch (cause) {
        const seen = this.events.map(brief).join("\n");
        throw new Error(`${what} did not come. There are:\n${seen}`, { cause });
      }
    }
  }

  async #expectNoProcesses(): Promise<void> {
    const gone = async () => expect(await this.processes()).toEqual([]);
    await vi.waitFor(gone, { timeout: goneMs });
  }

  async #read(): Promise<void> {
    for await (const { data } of readSse(`${this.#url}/events/sse`, this.#stop)) {
      if (data === undefined) continue;
      const event: UniversalEvent = JSON.parse(data);
      this.#log.push(event);
      this.events.push(event);
      this.#bell.emit("event");
    }
  }

  async #poll(query: string): Promise<EventsResponse> {
    const answer = await request(`${this.#url}/events${query}`, "GET");
    return EventsResponse.parse(await answer.json());
  }

  async #replay(query: string): Promise<UniversalEvent[]> {
    const frames = await collectAll(readSse(`${this.#url}/events/sse${query}`));
    return frames.flatMap(({ data }) => (data === undefined ? [] : [JSON.parse(data)]));
  }

  #post(path: string, body?: unknown): Promise<Response> {
    return request(`${this.#url}/${path}`, "POST", body);
  }

  #parts(accept: (item: EventOf<"item.completed">["data"]["item"]) => boolean) {
    return this.of("item.completed").flatMap(({ data: { item } }) =>
      accept(item) ? item.content : [],
    );
  }
}

/** Asks the daemon; an answer that is no success is an error with its text. */
async function request(url: string, method: string, body?: unknown): Promise<Response> {
  const json = body === undefined ? {} : { "content-type": "application/json" };
  const answer = await fetch(url, {
    method,
    headers: json,
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (answer.ok) return answer;
  throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
}
