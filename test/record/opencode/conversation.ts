import { z } from "zod";
import type { Opencode } from "../../support/opencode/client.ts";
import type { OpencodeEvent } from "../../support/opencode/transcript.ts";

/** A message of the user: a text, or the whole body of the request. */
export type Message = string | Readonly<Record<string, unknown>>;

/** The reply to a permission or a question; a question without answers is rejected. */
export interface Reply {
  readonly reply?: "once" | "always" | "reject";
  readonly message?: string;
  readonly answers?: readonly (readonly string[])[];
}

/** A session of a server, the folder of its requests, and the replies to its requests. */
export interface ConversationOptions {
  readonly id: string;
  readonly directory?: string;
  /** The replies, in order; the last one repeats. Allows once by default. */
  readonly replies?: readonly Reply[];
}

/** The events that count, and the number of the one to wait for. */
interface SeenOptions {
  readonly count?: number;
  readonly accepts?: (event: OpencodeEvent) => boolean;
}

export const ONCE: Reply = { reply: "once" };

/** The rules of every session that names no others. */
export const RULES = ["bash", "edit", "webfetch", "external_directory"].map(asks);

/** A rule that makes OpenCode request permission. */
export function asks(permission: string): Record<string, string> {
  return { permission, pattern: "*", action: "ask" };
}

/** How long a turn may take: five failing requests are retried for half a minute. */
const TURN_MS = 180_000;

const identified = z.looseObject({ id: z.string() });
const assistant = z.looseObject({
  role: z.literal("assistant"),
  time: z.looseObject({ completed: z.number().optional() }),
});

/** One session of a server. */
export class Conversation {
  readonly server: Opencode;
  readonly id: string;
  readonly #directory: { readonly directory?: string };
  readonly #replies: Reply[];
  /** The position in the transcript at which the last message was sent. */
  #since = 0;

  constructor(server: Opencode, { id, directory, replies = [ONCE] }: ConversationOptions) {
    this.server = server;
    this.id = id;
    this.#directory = { ...(directory !== undefined && { directory }) };
    this.#replies = [...replies];
  }

  /** Creates a session, by default with the rules and the title of every recording. */
  static async create(
    server: Opencode,
    session: Readonly<Record<string, unknown>> = {},
    options: Omit<ConversationOptions, "id"> = {},
  ): Promise<Conversation> {
    const { directory } = options;
    const created = await server.call("POST", "/session", {
      body: { permission: RULES, title: "Recorded", ...session },
      ...(directory !== undefined && { directory }),
    });
    return new Conversation(server, { id: identified.parse(created).id, ...options });
  }

  /** Sends a message; the server answers before the turn begins. */
  async prompt(message: Message): Promise<void> {
    const body =
      typeof message === "string" ? { parts: [{ type: "text", text: message }] } : message;
    this.#since = this.server.transcript.lines.length;
    await this.post("prompt_async", body);
  }

  /** Sends a request about the session; an error is a part of the recording. */
  async post(path: string, body?: object): Promise<void> {
    await this.request("POST", `/session/${this.id}/${path}`, body);
  }

  /** Reads something; an error is a part of the recording. */
  async get(path: string): Promise<void> {
    await this.request("GET", path);
  }

  /** Sends any request; an error is a part of the recording. */
  async request(method: string, path: string, body?: object): Promise<void> {
    await this.server.send({ method, path, ...(body && { body }), ...this.#directory });
  }

  /** Waits for the n-th event of a type since the last message. */
  async seen(
    type: string,
    { count = 1, accepts = () => true }: SeenOptions = {},
  ): Promise<OpencodeEvent> {
    let found = 0;
    return this.server.transcript.first(
      (event) => event.payload.type === type && accepts(event) && (found += 1) === count,
      { since: this.#since, timeoutMs: TURN_MS },
    );
  }

  /** Waits until the session has become idle n times since the last message. */
  async idle(count = 1): Promise<void> {
    await this.seen("session.idle", { count, accepts: (event) => this.#isOwn(event) });
  }

  /** Replies to requests until the turn is over. */
  async end(): Promise<void> {
    let isAnswered = true;
    const { transcript } = this.server;
    for await (const event of transcript.follow({ since: this.#since, timeoutMs: TURN_MS })) {
      const { type, properties = {} } = event.payload;
      if (isRequest(event) && this.#isHere(event)) await this.reply(event, this.#nextReply());
      if (!this.#isOwn(event)) continue;
      // A failed turn is idle twice: before its message is complete, and after it.
      if (type === "session.idle" && isAnswered) return;
      const message = assistant.safeParse(properties["info"]);
      if (message.success) isAnswered = message.data.time.completed !== undefined;
    }
  }

  /** Plays a turn to its end. */
  async turn(message: Message): Promise<void> {
    await this.prompt(message);
    await this.end();
  }

  /** Begins a turn and aborts it when a condition is met. */
  async abort(script: string, isDue: () => Promise<unknown>): Promise<void> {
    await this.prompt(go(script));
    await isDue();
    await this.post("abort");
  }

  /** Replies to a request of the server. */
  async reply({ payload }: OpencodeEvent, { answers, ...reply }: Reply): Promise<void> {
    const { id } = identified.parse(payload.properties);
    if (payload.type === "permission.asked") {
      return this.request("POST", `/permission/${id}/reply`, reply);
    }
    if (answers) return this.request("POST", `/question/${id}/reply`, { answers });
    return this.request("POST", `/question/${id}/reject`);
  }

  /** Waits for the first request for permission, and replies to it. */
  async allow(): Promise<void> {
    await this.reply(await this.seen("permission.asked"), ONCE);
  }

  #nextReply(): Reply {
    return (this.#replies.length > 1 ? this.#replies.shift() : this.#replies[0]) ?? ONCE;
  }

  #isOwn({ payload }: OpencodeEvent): boolean {
    return payload.properties?.["sessionID"] === this.id;
  }

  #isHere({ directory }: OpencodeEvent): boolean {
    return this.#directory.directory === undefined || this.#directory.directory === directory;
  }
}

/** A message that requests a script of the model. */
export function go(script: string): string {
  return `go @@${script}@@`;
}

function isRequest({ payload: { type } }: OpencodeEvent): boolean {
  return type === "permission.asked" || type === "question.asked";
}
