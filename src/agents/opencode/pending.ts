import { setTimeout as sleep } from "node:timers/promises";
import type { AgentOutput, OthersAnswer, PermissionRequest, QuestionRequest } from "../agent.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { invalidRequest } from "../../schema/problem.ts";
import { acceptsEdits } from "../accepted-edits.ts";
import type { KnownFiles } from "../file-facts.ts";
import { isRecord } from "../json-line.ts";
import { callOf, toPermission, toQuestion } from "./ask.ts";
import type { ServerEvent } from "./events.ts";
import type { Heard } from "./hearing.ts";
import { OpencodeError } from "./error.ts";
import { type OpencodeHttp } from "./http.ts";
import { OpenRequests, PermissionReplied, QuestionReplied } from "./protocol.ts";
import { exactDiff } from "./parts.ts";
import { verdictOf } from "./rules.ts";
import type { OpencodeServer } from "./server.ts";

/** With a word the model goes on; without one OpenCode ends the turn. */
const REJECTED = "The user rejected this tool call.";
/** How long a server may take to close what nobody will answer any more. */
const CLOSE_MS = 1000;

/**
 * Time limit in milliseconds for the input of a call, which may follow the permission for it by more
 * than a second on a busy machine. Without the input an "always" for an equal request does not apply.
 */
const UNNAMED_MS = 10_000;
/** Time limit in milliseconds for the event of a reply by another client, if ours was rejected. */
const OTHERS_MS = 1000;

type Kind = "permission" | "question";

/** A request that the server waits for. */
interface Open {
  kind: Kind;
  /** The call that a permission is for. */
  call?: { id: string; heard: Heard };
}

/** A permission whose call's input has not arrived; `late` if it is shown without the input. */
interface Unnamed {
  event: ServerEvent;
  call: string;
  heard: Heard;
  late?: true;
}

/** An answer that the server reports. */
interface Answered {
  id: string;
  answer: OthersAnswer;
}

/** The permission mode in which edits inside the directory are accepted. */
const ACCEPTS = "acceptEdits";

interface PendingOptions {
  server: OpencodeServer;
  directory: string;
  files: KnownFiles;
  /** The permission mode that counts. */
  mode: () => string;
  emit: (output: AgentOutput) => void;
}

/** What a session and its subagents wait for: kept until it is answered, or the server does not wait any more. */
export class Pending {
  readonly #options: PendingOptions;
  readonly #open = new Map<string, Open>();
  /** Requests whose answer is on its way, each with the answer that the server reports. */
  readonly #answering = new Map<string, PromiseWithResolvers<Answered>>();
  /** What has been asked in this turn: it may be told again. */
  readonly #heard = new Set<string>();
  readonly #answers = new Set<Promise<void>>();
  /** Permissions whose call's input is not known yet. */
  readonly #unnamed: Unnamed[] = [];

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  /** Takes what the server says, of requests and of the calls that they are for. */
  hear(event: ServerEvent, heard: Heard): void {
    const { type, properties, raw } = event;
    if (type === "permission.asked") this.#hearPermission(event, heard);
    else if (type === "message.part.updated") this.#askUnnamed();
    else if (type === "question.asked") this.ask(toQuestion(properties), raw);
    else {
      const answered = answeredBy(event);
      if (answered) this.#hearAnswer(answered);
    }
  }

  /** Shows a request; undefined is one that cannot be read. */
  ask(
    request: PermissionRequest | QuestionRequest | undefined,
    raw: string,
    call?: Open["call"],
  ): void {
    if (!request || this.#heard.has(request.id)) return;
    this.#heard.add(request.id);
    const isPermission = "action" in request;
    const kind = isPermission ? "permission" : "question";
    this.#open.set(request.id, { kind, ...(call && { call }) });
    const accepts = isPermission && request.action === "edit" && this.#options.mode() === ACCEPTS;
    const hasDiff = isPermission && typeof request.metadata["diff"] === "string";
    if (accepts || hasDiff) void this.#acceptOrShow(request, raw, accepts);
    else this.#show(request, raw);
  }

  /** Replaces OpenCode's diff with the diff that applies to the bytes of the file, or removes it. */
  async #correctDiff({ metadata }: PermissionRequest): Promise<void> {
    const { diff, filepath: path, input } = metadata;
    if (typeof diff !== "string") return;
    delete metadata["diff"];
    if (typeof path !== "string") return;
    const facts = await this.#options.files.read(path);
    const tool = isRecord(input) && "oldString" in input ? "edit" : "write";
    const exact = exactDiff(path, diff, tool, facts);
    if (exact !== null) metadata["diff"] = exact;
  }

  #show(request: PermissionRequest | QuestionRequest, raw: string): void {
    this.#options.emit(
      "action" in request
        ? { type: "permission.requested", request, raw }
        : { type: "question.requested", request, raw },
    );
  }

  /** Accepts an edit inside the session's directory, if `accepts`; else shows it. */
  async #acceptOrShow(request: PermissionRequest, raw: string, accepts: boolean): Promise<void> {
    const { paths } = request.metadata;
    const { directory } = this.#options;
    const accepted = accepts && (await acceptsEdits(directory, Array.isArray(paths) ? paths : []));
    if (!accepted) await this.#correctDiff(request);
    // The server may have stopped waiting meanwhile.
    if (!this.#open.has(request.id)) return;
    if (!accepted) return this.#show(request, raw);
    // A server that cannot be written to is about to be reported as gone.
    this.replyPermission(request.id, "once").catch(() => undefined);
  }

  /** Rejects a request that cannot be shown. */
  refuse({ type, properties }: ServerEvent): void {
    const { id } = properties;
    if (typeof id !== "string") return;
    if (type === "permission.asked") {
      this.#open.set(id, { kind: "permission" });
      // A server that cannot be written to is about to be reported as gone.
      this.replyPermission(id, "reject").catch(() => undefined);
    } else if (type === "question.asked") {
      this.#open.set(id, { kind: "question" });
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

  /** Closes all requests but these. A permission whose call went on was accepted by another client. */
  keep(ids: ReadonlySet<string>): void {
    for (const [id, { call }] of this.#open) {
      if (ids.has(id)) continue;
      const reply = call?.heard.translator.replyTo(call.id);
      this.#withdraw(id, reply && { reply });
    }
  }

  /** Nobody waits for anything any more. */
  clear(): void {
    for (const id of this.#open.keys()) this.#withdraw(id);
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
        const answer = OpenRequests.parse(await http.request("GET", `/${kind}`, options));
        const open = answer.filter(({ sessionID }) => sessions.has(sessionID));
        // First: the server reports its rejections, which are not those of another client.
        for (const { id } of open) this.#withdraw(id);
        for (const { id } of open) {
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
    const { directory, mode } = this.#options;
    const request = toPermission(event.properties, directory);
    const verdict = request && !heard.own ? verdictOf(mode(), request.action) : undefined;
    const call = callOf(event.properties);
    if (request && verdict) {
      this.#open.set(request.id, { kind: "permission" });
      // A server that cannot be written to is about to be reported as gone.
      this.replyPermission(request.id, verdict).catch(() => undefined);
    } else if (call === undefined) this.ask(request, event.raw);
    else {
      const unnamed = { event, call, heard };
      this.#unnamed.push(unnamed);
      this.#askUnnamed();
      // The request then stays open until an interrupt.
      this.#askLate(unnamed).catch(() => undefined);
    }
  }

  /** Shows a permission without the input of its call. Others have their own time limit. */
  async #askLate(unnamed: Unnamed): Promise<void> {
    await sleep(UNNAMED_MS, undefined, { ref: false });
    unnamed.late = true;
    this.#askUnnamed();
  }

  /** Asks for what waits for the input of its call, as soon as that is known. */
  #askUnnamed(): void {
    for (const unnamed of this.#unnamed.splice(0)) {
      const { event, call: id, heard, late } = unnamed;
      const call = heard.translator.call(id);
      if (!call && late !== true) this.#unnamed.push(unnamed);
      else {
        const request = toPermission(event.properties, this.#options.directory, call);
        this.ask(request, event.raw, { id, heard });
      }
    }
  }

  /** The server reports an answer: ours, which is known, or that of another client. */
  #hearAnswer(answered: Answered): void {
    const answering = this.#answering.get(answered.id);
    const shown = this.#unnamed.filter(({ event }) => event.properties["id"] !== answered.id);
    this.#unnamed.splice(0, Infinity, ...shown);
    if (answering) answering.resolve(answered);
    else this.#withdraw(answered.id, answered.answer);
  }

  #withdraw(id: string, answer?: OthersAnswer): void {
    if (this.#open.delete(id)) this.#closed(id, answer);
  }

  #closed(id: string, answer: OthersAnswer | undefined): void {
    this.#options.emit({ type: "request.withdrawn", id, ...(answer && { answer }) });
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
    const open = this.#open.get(id);
    if (open?.kind !== kind || !current) throw invalidRequest("OpenCode server not active");
    const reported = Promise.withResolvers<Answered>();
    this.#answering.set(id, reported);
    // Taken out first: the server tells of the reply before it answers.
    this.#open.delete(id);
    try {
      await current.http.request("POST", path, { directory: this.#options.directory, body });
    } catch (cause) {
      if (!(cause instanceof OpencodeError)) {
        this.#open.set(id, open);
        throw cause;
      }
      // Another client was faster, or the rejection of another request has rejected this one too.
      const late = sleep(OTHERS_MS, undefined, { ref: false });
      const answered = await Promise.race([reported.promise, late]);
      if (answered) this.#closed(id, answered.answer);
      // The stream of events may be broken; its return shows the answer.
      else this.#open.set(id, open);
      throw invalidRequest(`unknown ${kind} id: ${id}`);
    } finally {
      this.#answering.delete(id);
    }
  }
}

/** The answer that an event reports; undefined for any other event. */
function answeredBy({ type, properties }: ServerEvent): Answered | undefined {
  const { requestID } = properties;
  if (type === "permission.replied") {
    const { data } = PermissionReplied.safeParse(properties);
    return data && { id: data.requestID, answer: { reply: data.reply } };
  }
  if (type === "question.replied") {
    const { data } = QuestionReplied.safeParse(properties);
    return data && { id: data.requestID, answer: { answers: data.answers } };
  }
  if (type !== "question.rejected" || typeof requestID !== "string") return undefined;
  return { id: requestID, answer: { answers: null } };
}
