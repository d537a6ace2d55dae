import { setTimeout as sleep } from "node:timers/promises";
import type { AgentOutput, PermissionRequest, QuestionRequest } from "../agent.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { invalidRequest } from "../../schema/problem.ts";
import { toPermission, toQuestion, unnamedCall } from "./ask.ts";
import type { ServerEvent } from "./events.ts";
import type { Heard } from "./hearing.ts";
import { OpencodeError } from "./error.ts";
import { type OpencodeHttp } from "./http.ts";
import { OpenRequests } from "./protocol.ts";
import { verdictOf } from "./rules.ts";
import type { OpencodeServer } from "./server.ts";

/** With a word the model goes on; without one OpenCode ends the turn. */
const REJECTED = "The user rejected this tool call.";
/** How long a server may take to close what nobody will answer any more. */
const CLOSE_MS = 1000;

/** The input of a call is told right after a permission for it. */
const UNNAMED_MS = 1000;

type Kind = "permission" | "question";

interface PendingOptions {
  server: OpencodeServer;
  directory: string;
  /** The permission mode that counts. */
  mode: () => string;
  emit: (output: AgentOutput) => void;
}

/** What a session and its subagents wait for: kept until it is answered, or the server does not wait any more. */
export class Pending {
  readonly #options: PendingOptions;
  readonly #open = new Map<string, Kind>();
  /** What has been asked in this turn: it may be told again. */
  readonly #heard = new Set<string>();
  readonly #answers = new Set<Promise<void>>();
  /** Permissions whose call's input is not known yet. */
  readonly #unnamed: { event: ServerEvent; call: string; heard: Heard }[] = [];

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  /** Takes what the server says, of requests and of the calls that they are for. */
  hear(event: ServerEvent, heard: Heard): void {
    const { type, properties, raw } = event;
    if (type === "permission.asked") this.#hearPermission(event, heard);
    else if (type === "message.part.updated") this.#askUnnamed(false);
    else if (type === "question.asked") this.ask(toQuestion(properties), "question", raw);
    else if (/^(permission|question)\.(replied|rejected)$/.test(type)) {
      this.#withdraw(properties["requestID"]);
    }
  }

  /** Shows a request; undefined is one that cannot be read. */
  ask(request: PermissionRequest | QuestionRequest | undefined, kind: Kind, raw: string): void {
    if (!request || this.#heard.has(request.id)) return;
    this.#heard.add(request.id);
    this.#open.set(request.id, kind);
    this.#options.emit(
      "action" in request
        ? { type: "permission.requested", request, raw }
        : { type: "question.requested", request, raw },
    );
  }

  /** Rejects a request that cannot be shown. */
  refuse({ type, properties }: ServerEvent): void {
    const { id } = properties;
    if (typeof id !== "string") return;
    if (type === "permission.asked") {
      this.#open.set(id, "permission");
      // A server that cannot be written to is about to be reported as gone.
      this.replyPermission(id, "reject").catch(() => undefined);
    } else if (type === "question.asked") {
      this.#open.set(id, "question");
      // As above.
      this.replyQuestion(id, null).catch(() => undefined);
    }
  }

  async replyPermission(id: string, reply: PermissionReply): Promise<void> {
    // Never "always": OpenCode would remember more than this, and for all sessions.
    const body = reply === "reject" ? { reply: "reject", message: REJECTED } : { reply: "once" };
    await this.#deliver(id, "permission", `/permission/${id}/reply`, body);
  }

  async replyQuestion(id: string, answers: string[][] | null): Promise<void> {
    if (answers) await this.#deliver(id, "question", `/question/${id}/reply`, { answers });
    else await this.#deliver(id, "question", `/question/${id}/reject`, {});
  }

  /** Resolves when answers that are on their way have been delivered; undefined where there are none. */
  get answered(): Promise<unknown> | undefined {
    return this.#answers.size > 0 ? Promise.allSettled(this.#answers) : undefined;
  }

  /** Only these are still waited for. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#open.keys()) if (!ids.has(id)) this.#withdraw(id);
  }

  /** Nobody waits for anything any more. */
  clear(): void {
    this.keep(new Set());
    this.forget();
  }

  /** The turn has ended, and with it its requests. */
  forget(): void {
    this.#open.clear();
    this.#heard.clear();
    this.#unnamed.length = 0;
  }

  /** Closes whatever the server still waits for in these sessions: after an abort it goes on waiting (1.18.33). */
  async close(http: OpencodeHttp, sessions: ReadonlySet<string>): Promise<void> {
    const options = { directory: this.#options.directory, limitMs: CLOSE_MS };
    try {
      for (const kind of ["permission", "question"] as const) {
        const answer = await http.request("GET", `/${kind}`, options);
        for (const { id, sessionID } of OpenRequests.parse(answer)) {
          if (!sessions.has(sessionID)) continue;
          const path = kind === "permission" ? `/permission/${id}/reply` : `/question/${id}/reject`;
          const body = kind === "permission" ? { reply: "reject" } : {};
          // With one that is rejected it takes all others for rejected too.
          await http.request("POST", path, { ...options, body }).catch(() => undefined);
        }
      }
    } catch {
      // The server has gone, and has forgotten them; or it answers nothing.
    }
  }

  /** A subagent does not know the rules of its session: they are applied here. */
  #hearPermission(event: ServerEvent, heard: Heard): void {
    const request = toPermission(event.properties);
    const verdict =
      request && !heard.own ? verdictOf(this.#options.mode(), request.action) : undefined;
    const call = unnamedCall(event.properties);
    if (request && verdict) {
      this.#open.set(request.id, "permission");
      // A server that cannot be written to is about to be reported as gone.
      this.replyPermission(request.id, verdict).catch(() => undefined);
    } else if (call === undefined) this.ask(request, "permission", event.raw);
    else {
      this.#unnamed.push({ event, call, heard });
      this.#askUnnamed(false);
      // The request then stays open until an interrupt.
      this.#askUnnamedSoon().catch(() => undefined);
    }
  }

  async #askUnnamedSoon(): Promise<void> {
    await sleep(UNNAMED_MS, undefined, { ref: false });
    this.#askUnnamed(true);
  }

  /** Asks for what waits for the input of its call, as soon as that is known. */
  #askUnnamed(late: boolean): void {
    for (const unnamed of this.#unnamed.splice(0)) {
      const { event, call, heard } = unnamed;
      const input = heard.translator.input(call);
      if (!input && !late) this.#unnamed.push(unnamed);
      else this.ask(toPermission(event.properties, input), "permission", event.raw);
    }
  }

  #withdraw(id: unknown): void {
    if (typeof id !== "string" || !this.#open.delete(id)) return;
    this.#options.emit({ type: "request.withdrawn", id });
  }

  async #deliver(id: string, kind: Kind, path: string, body: object): Promise<void> {
    const delivery = this.#answer(id, kind, path, body);
    this.#answers.add(delivery);
    try {
      await delivery;
    } finally {
      this.#answers.delete(delivery);
    }
  }

  async #answer(id: string, kind: Kind, path: string, body: object): Promise<void> {
    const { current } = this.#options.server;
    if (this.#open.get(id) !== kind || !current) {
      throw invalidRequest("OpenCode server not active");
    }
    // Taken out first: the server tells of the reply before it answers.
    this.#open.delete(id);
    try {
      await current.http.request("POST", path, { directory: this.#options.directory, body });
    } catch (cause) {
      if (!(cause instanceof OpencodeError)) {
        this.#open.set(id, kind);
        throw cause;
      }
      // With one that is rejected it takes all others for rejected too.
      this.#options.emit({ type: "request.withdrawn", id });
      throw invalidRequest(`unknown ${kind} id: ${id}`);
    }
  }
}
