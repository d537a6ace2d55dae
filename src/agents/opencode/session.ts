import { setTimeout as sleep } from "node:timers/promises";
import type {
  AgentOutput,
  AgentSession,
  OpenOptions,
  PermissionRequest,
  Prompt,
  QuestionRequest,
  TurnOutcome,
} from "../agent.ts";
import { Bell } from "../../io/bell.ts";
import type { ErrorData } from "../../schema/event.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { invalidRequest } from "../../schema/problem.ts";
import { isRecord } from "../json-line.ts";
import { toPermission, toQuestion } from "./ask.ts";
import type { ServerEvent } from "./events.ts";
import { OpencodeError, type OpencodeHttp } from "./http.ts";
import { modelOf, type ModelName } from "./models.ts";
import { outcomeOf } from "./outcome.ts";
import { toParts, userItem } from "./prompt.ts";
import { SessionAnswer } from "./protocol.ts";
import { rulesOf, verdictOf } from "./rules.ts";
import { ServerGone } from "../shared-server.ts";
import type { OpencodeServer, SessionListener } from "./server.ts";
import { Translator } from "./translate.ts";

/** How long an interrupted turn may take to end by itself. */
const INTERRUPT_MS = 5000;
const ABORT_MS = 300;
/** The session may be said to be idle before its last message is complete (1.18.33). */
const SETTLE_MS = 500;
/** With a word the model goes on; without one OpenCode ends the turn. */
const REJECTED = "The user rejected this tool call.";

/** One conversation with OpenCode: one session of the shared server. */
export class OpencodeSession implements AgentSession {
  nativeSessionId: string | null = null;
  readonly #options: OpenOptions;
  readonly #server: OpencodeServer;
  readonly #translator = new Translator();
  /** What is waited for, by its id: a permission or a question. */
  readonly #asks = new Map<string, "permission" | "question">();
  /** Rung when a turn has ended. */
  readonly #idle = new Bell();
  readonly #detach: (() => void)[] = [];
  #mode = "default";
  #model: ModelName | undefined;
  #inTurn = false;
  #turn = 0;
  /** The server has begun to work on the turn: before that it tells of the one before. */
  #begun = false;
  #stopping = false;
  #error: ErrorData | undefined;
  #messages = 0;
  #handOver: Promise<void> = Promise.resolve();
  /** Keeps the server for the running turn. */
  #use: Disposable | undefined;
  /** The server has been given the running turn. */
  #given = false;

  constructor(options: OpenOptions, server: OpencodeServer) {
    this.#options = options;
    this.#server = server;
  }

  /** Makes the session; rejects where no provider is configured. */
  async open(): Promise<void> {
    const { directory, permissionMode, agentMode, model, sessionId } = this.#options;
    using _use = this.#server.use();
    const { http } = await this.#server.connect();
    this.#model = await modelOf(http, directory, model);
    this.#mode = agentMode === "plan" && permissionMode !== "bypass" ? "plan" : permissionMode;
    // A title of its own saves a call to the model.
    const body = { title: sessionId, permission: rulesOf(this.#mode) };
    const answer = await http.request("POST", "/session", { directory, body });
    const { id } = SessionAnswer.parse(answer);
    this.nativeSessionId = id;
    this.#detach.push(this.#server.attach(id, this.#listener(this.#translator, true)));
  }

  async startTurn(prompt: Prompt): Promise<void> {
    this.#inTurn = true;
    this.#turn += 1;
    this.#stopping = false;
    this.#error = undefined;
    this.#begun = false;
    this.#given = false;
    this.#use = this.#server.use();
    this.#translator.beginTurn();
    const item = userItem(`user_${++this.#messages}`, prompt);
    this.#emit({ type: "item.completed", item, synthetic: true });
    this.#handOver = this.#handOver.then(() => this.#send(prompt));
    await this.#handOver;
  }

  async interrupt(): Promise<void> {
    if (!this.#inTurn) return;
    // The server may be long in starting: nobody waits for it any more.
    if (!this.#given) return this.#end({ status: "interrupted" });
    this.#stopping = true;
    await this.#server.answered(this.#handOver, INTERRUPT_MS);
    const deadline = AbortSignal.timeout(INTERRUPT_MS);
    // What has only been accepted begins all the same: it is aborted again.
    while (this.#inTurn && !deadline.aborted) {
      await this.#abort();
      const signal = AbortSignal.any([deadline, AbortSignal.timeout(ABORT_MS)]);
      while (this.#inTurn && !signal.aborted) await this.#idle.wait({ signal });
    }
    // The server is shared: it is not ended because one turn hangs.
    this.#end({ status: "interrupted" });
  }

  async replyPermission(id: string, reply: PermissionReply): Promise<void> {
    // Never "always": OpenCode would remember more than this, and for all sessions.
    const body = reply === "reject" ? { reply: "reject", message: REJECTED } : { reply: "once" };
    await this.#answer(id, "permission", `/permission/${id}/reply`, body);
  }

  async replyQuestion(id: string, answers: string[][] | null): Promise<void> {
    if (answers) await this.#answer(id, "question", `/question/${id}/reply`, { answers });
    else await this.#answer(id, "question", `/question/${id}/reject`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.interrupt();
    for (const detach of this.#detach.splice(0)) detach();
  }

  async #send(prompt: Prompt): Promise<void> {
    const { directory, agentMode, permissionMode, variant } = this.#options;
    const plan = agentMode === "plan" || permissionMode === "plan";
    const body = {
      parts: toParts(prompt),
      model: this.#model,
      agent: plan ? "plan" : "build",
      ...(variant !== null && { variant }),
    };
    const turn = this.#turn;
    try {
      const { http } = await this.#server.connect();
      // It has been interrupted meanwhile.
      if (!this.#inTurn || turn !== this.#turn) return;
      this.#given = true;
      await http.request("POST", this.#path("prompt_async"), { directory, body });
    } catch (cause) {
      // The server's end may have ended the turn, and the next have begun.
      if (turn === this.#turn) this.#fail(cause);
    }
  }

  /** Hears a session: ours, or that of a subagent. */
  #listener(translator: Translator, own: boolean): SessionListener {
    return {
      heard: (event) => this.#hear(event, translator, own),
      resumed: () => {
        if (own && this.#inTurn) void this.#endIfIdle();
      },
      unparsed: (output) => {
        if (own && this.#inTurn) this.#emit(output);
      },
      gone: (cause) => {
        if (own) this.#lose(cause);
      },
    };
  }

  #hear(event: ServerEvent, translator: Translator, own: boolean): void {
    const outputs = translator.translate(event);
    for (const output of outputs) if (output.type === "error") this.#error = output.error;
    this.#emit(...outputs);
    for (const [session, call] of translator.takeChildren()) {
      const child = new Translator({ parentNativeId: call, subagent: { id: session } });
      this.#detach.push(this.#server.attach(session, this.#listener(child, false)));
    }
    const { type, properties, raw } = event;
    if (own && isWork(event)) this.#begun = true;
    if (type === "permission.asked") this.#askPermission(toPermission(properties), own, raw);
    else if (type === "question.asked") this.#ask(toQuestion(properties), "question", raw);
    else if (/^(permission|question)\.(replied|rejected)$/.test(type)) {
      this.#withdraw(properties["requestID"]);
    } else if (own && type === "session.idle") this.#rest(raw);
  }

  /** A subagent does not know the rules of its session: they are applied here. */
  #askPermission(request: PermissionRequest | undefined, own: boolean, raw: string): void {
    const verdict = request && !own ? verdictOf(this.#mode, request.action) : undefined;
    if (!request || !verdict) return this.#ask(request, "permission", raw);
    this.#asks.set(request.id, "permission");
    // A server that cannot be written to is about to be reported as gone.
    this.replyPermission(request.id, verdict).catch(() => undefined);
  }

  #ask(
    request: PermissionRequest | QuestionRequest | undefined,
    kind: "permission" | "question",
    raw: string,
  ): void {
    if (!request || !this.#inTurn) return;
    this.#asks.set(request.id, kind);
    if ("action" in request) this.#emit({ type: "permission.requested", request, raw });
    else this.#emit({ type: "question.requested", request, raw });
  }

  #withdraw(id: unknown): void {
    if (typeof id !== "string" || !this.#asks.delete(id)) return;
    this.#emit({ type: "request.withdrawn", id });
  }

  async #answer(id: string, kind: string, path: string, body: object = {}): Promise<void> {
    const { current } = this.#server;
    const asked = this.#asks.get(id);
    if (asked !== kind || !current) throw invalidRequest("OpenCode server not active");
    // Taken out first: the server tells of the reply before it answers.
    this.#asks.delete(id);
    try {
      await current.http.request("POST", path, { directory: this.#options.directory, body });
    } catch (cause) {
      if (!(cause instanceof OpencodeError)) {
        this.#asks.set(id, asked);
        throw cause;
      }
      // With one that is rejected it takes all others for rejected too.
      this.#emit({ type: "request.withdrawn", id });
      throw invalidRequest(`unknown ${asked} id: ${id}`);
    }
  }

  /** Ends the turn when its last message is complete, which may be told after this. */
  #rest(raw: string): void {
    if (!this.#inTurn || !this.#begun) return;
    const { lastMessage } = this.#translator;
    if (lastMessage?.time?.completed != null) this.#end(this.#outcome(), raw);
    else void this.#settle(this.#turn, raw);
  }

  async #settle(turn: number, raw: string): Promise<void> {
    await sleep(SETTLE_MS, undefined, { ref: false });
    if (turn === this.#turn) await this.#endIfIdle(raw);
  }

  #outcome(): TurnOutcome {
    if (this.#stopping) return { status: "interrupted" };
    return outcomeOf(this.#translator.lastMessage, this.#error);
  }

  /** Asks whether the server still works: what it tells may be late, or have been missed. */
  async #endIfIdle(raw?: string): Promise<void> {
    const { current } = this.#server;
    const { directory } = this.#options;
    const turn = this.#turn;
    try {
      const busy = await current?.http.request("GET", "/session/status", { directory });
      const id = this.nativeSessionId ?? "";
      const still = typeof busy === "object" && busy !== null && id in busy;
      if (!still && turn === this.#turn) this.#end(this.#outcome(), raw);
    } catch {
      // The server has gone, which its exit tells.
    }
  }

  async #abort(): Promise<void> {
    const { directory } = this.#options;
    const { current } = this.#server;
    if (!current) return;
    try {
      const limitMs = INTERRUPT_MS;
      await current.http.request("POST", this.#path("abort"), { directory, body: {}, limitMs });
      // It goes on waiting for what nobody will answer any more.
      await this.#rejectOpen(current.http);
    } catch {
      // The server has gone, or refuses: the deadline ends the turn.
    }
  }

  async #rejectOpen(http: OpencodeHttp): Promise<void> {
    const { directory } = this.#options;
    for (const [id, kind] of this.#asks) {
      const path = kind === "permission" ? `/permission/${id}/reply` : `/question/${id}/reject`;
      const body = kind === "permission" ? { reply: "reject" } : {};
      const limitMs = ABORT_MS;
      await http.request("POST", path, { directory, body, limitMs }).catch(() => undefined);
    }
  }

  #path(what: string): string {
    return `/session/${this.nativeSessionId}/${what}`;
  }

  #lose(cause: ServerGone): void {
    for (const id of this.#asks.keys()) this.#emit({ type: "request.withdrawn", id });
    this.#asks.clear();
    // What it has not been given yet is the next one's to do.
    if (this.#given) this.#fail(cause);
  }

  #fail(cause: unknown): void {
    if (!this.#inTurn) return;
    if (this.#stopping) return this.#end({ status: "interrupted" });
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof OpencodeError && cause.status === 404) {
      this.#emit({
        type: "session.ended",
        data: { reason: "error", terminated_by: "agent", message },
      });
      return;
    }
    const code = codeOf(cause, this.#given);
    const details = cause instanceof ServerGone ? cause.details : null;
    this.#emit({ type: "error", error: { code, message, details }, synthetic: true });
    this.#end({ status: "failed", error: { code, message } });
  }

  #end(outcome: TurnOutcome, raw?: string): void {
    if (!this.#inTurn) return;
    this.#inTurn = false;
    this.#asks.clear();
    using _use = this.#use;
    this.#use = undefined;
    const { usage } = this.#translator;
    this.#emit({
      type: "turn.ended",
      outcome: { ...outcome, ...(usage && { usage }) },
      ...(raw !== undefined && { raw }),
    });
    this.#idle.ring();
  }

  #emit(...outputs: AgentOutput[]): void {
    if (outputs.length > 0) this.#options.emit(outputs);
  }
}

function codeOf(cause: unknown, given: boolean): string {
  if (cause instanceof ServerGone) return given ? "process_exit" : "process_start";
  if (cause instanceof OpencodeError) return "protocol";
  return given ? "network" : "process_start";
}

function isWork({ type, properties }: ServerEvent): boolean {
  const { status } = properties;
  const busy = isRecord(status) && status["type"] !== "idle";
  return type === "session.error" || (type === "session.status" && busy);
}
