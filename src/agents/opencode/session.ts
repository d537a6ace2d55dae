import { setImmediate as immediate, setTimeout as sleep } from "node:timers/promises";
import type { AgentOutput, AgentSession, OpenOptions, Prompt, TurnOutcome } from "../agent.ts";
import { KnownFiles } from "../file-facts.ts";
import { Bell } from "../../io/bell.ts";
import { unlessAborted, within } from "../../io/within.ts";
import type { ErrorData } from "../../schema/event.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { ServerGone } from "../shared-server.ts";
import { isWork, type ServerEvent } from "./events.ts";
import { type Heard, Hearing } from "./hearing.ts";
import { OpencodeError } from "./error.ts";
import { modelIfConfigured, modelOf, type ModelName } from "./models.ts";
import { requireMode } from "./ask-modes.ts";
import { checkedInstructions } from "./instructions.ts";
import { SessionDirectory } from "./open-directory.ts";
import { endOf, failureCode } from "./outcome.ts";
import { Pending } from "./pending.ts";
import { STAY } from "./plan.ts";
import { Planning } from "./planning.ts";
import { messageBody, toParts } from "./prompt.ts";
import { userItem } from "../user-message.ts";
import { SessionAnswer } from "./protocol.ts";
import { rulesOf } from "./rules.ts";
import type { OpencodeServer } from "./server.ts";
import { stopWork, type Work } from "./stop.ts";
import { Translator } from "./translate.ts";

/** How long an interrupted turn may take to end by itself. */
const INTERRUPT_MS = 5000;
/** The session may be said to be idle before its last message is complete (1.18.33). */
const SETTLE_MS = 500;
/** Status requests, one each `SETTLE_MS`, before an accepted message without work counts as dropped. */
const MAX_TRIES = 120;

/** A session that ends waits so long for the end of its turn, and so long for a last abort. */
const LEAVE_MS = 3000;
const LAST_MS = 1000;

/** One conversation with OpenCode: one session of the shared server. */
export class OpencodeSession implements AgentSession {
  nativeSessionId: string | null = null;
  readonly #options: OpenOptions;
  readonly #server: OpencodeServer;
  readonly #files = new KnownFiles();
  readonly #translator = new Translator({}, this.#files);
  readonly #pending: Pending;
  readonly #hearing: Hearing;
  /** Rung when a turn has begun to be worked on, or has ended. */
  readonly #changed = new Bell();
  readonly #planning: Planning;
  #model: ModelName | undefined;
  readonly #directory: SessionDirectory;
  #inTurn = false;
  #turn = 0;
  /** The last turn that the server has been given. */
  #given = 0;
  /** The server has been given the turn, and has not said that it is done with it. */
  #working = false;
  /** What it tells of is a turn that has ended for the client: it is told no more. */
  #stale = false;
  /** The server has begun to work on the turn: before that it tells of the one before. */
  #begun = false;
  #stopping = false;
  #error: ErrorData | undefined;
  #handOver: Promise<void> = Promise.resolve();
  /** Ends the handing over of a message. */
  #giveUp = new AbortController();
  /** Resolves when the server does nothing any more for a turn that was interrupted. */
  #stopped: Promise<void> = Promise.resolve();
  #caughtUp: Promise<void> = Promise.resolve();
  readonly #disposed = new AbortController();
  readonly #failed = (cause: unknown): void => this.#fail(cause);
  /** Keeps the server for the running turn. */
  #use: Disposable | undefined;

  constructor(options: OpenOptions, server: OpencodeServer) {
    const { directory } = options;
    this.#options = options;
    this.#server = server;
    this.#directory = new SessionDirectory(server, directory, this.#translator);
    this.#planning = new Planning(options);
    const parts = { server, directory, emit: (output: AgentOutput) => this.#emit(output) };
    const mode = () => this.#planning.mode;
    this.#pending = new Pending({ ...parts, files: this.#files, mode });
    this.#hearing = new Hearing({
      ...parts,
      heard: (event, heard) => this.#hear(event, heard),
      resumed: () => this.#catchUp(),
      unparsed: (output, event) => this.#passOver(output, event),
      gone: (cause) => this.#lose(cause),
    });
  }

  /** Creates the session. */
  async open(): Promise<void> {
    const { directory, model, sessionId } = this.#options;
    await checkedInstructions(this.#options);
    using _use = this.#server.use();
    const http = await this.#directory.connect();
    this.#model = await modelIfConfigured(http, directory, model);
    await requireMode(http, directory, this.#planning.agent);
    // A title of its own saves a call to the model.
    const body = { title: sessionId, permission: rulesOf(this.#planning.mode) };
    const made = SessionAnswer.parse(await http.request("POST", "/session", { directory, body }));
    this.nativeSessionId = made.id;
    await this.#planning.allowFile(http, made);
    this.#hearing.begin({ id: made.id, translator: this.#translator, own: true });
  }

  async startTurn(prompt: Prompt): Promise<void> {
    this.#inTurn = true;
    this.#turn += 1;
    this.#stopping = false;
    this.#error = undefined;
    this.#use = this.#server.use(this.#options.directory);
    const item = userItem(`user_${this.#turn}`, prompt);
    this.#emit({ type: "item.completed", item, synthetic: true });
    this.#planning.takeNext();
    this.#handOver = this.#send(toParts(prompt), true);
    await this.#handOver;
  }

  async interrupt(limitMs = INTERRUPT_MS): Promise<void> {
    if (!this.#inTurn) return;
    this.#stopping = true;
    const turn = this.#turn;
    // The server may be long in starting: nobody waits for it any more.
    if (this.#given !== turn && !this.#server.current) return this.#end({ status: "interrupted" });
    this.#stopped = this.#stop();
    await within(this.#stopped, AbortSignal.timeout(limitMs));
    // The server is shared: it is not ended because one turn hangs. The next turn may have begun.
    if (turn === this.#turn) this.#end({ status: "interrupted" });
  }

  async replyPermission(id: string, reply: PermissionReply): Promise<void> {
    await this.#pending.replyPermission(id, reply);
  }

  async replyQuestion(id: string, answers: string[][] | null): Promise<void> {
    if (!this.#planning.isQuestion(id)) return await this.#pending.replyQuestion(id, answers);
    await this.#pending.replyQuestion(id, STAY);
    this.#planning.decide(answers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.interrupt(LEAVE_MS);
    this.#disposed.abort();
    await within(this.#stopped, AbortSignal.timeout(LAST_MS));
    await this.#hearing.end();
  }

  /** Hands a message over: the first of a turn, or one that goes on with it. */
  async #send(parts: object[], first: boolean): Promise<void> {
    const { directory, variant } = this.#options;
    const { agent } = this.#planning;
    const turn = this.#turn;
    const { signal } = (this.#giveUp = new AbortController());
    try {
      // It would wait behind what is being aborted, and be aborted with it.
      await this.#stopped;
      const system = await checkedInstructions(this.#options);
      // Its requests go on: ending them would break a directory that is being opened.
      const http = await unlessAborted(this.#directory.connect(), signal);
      const model = (this.#model ??= await modelOf(http, directory, this.#options.model));
      if (turn !== this.#turn) return;
      if (this.#stopping) return this.#end({ status: "interrupted" });
      if (first) this.#translator.beginTurn();
      this.#given = turn;
      await this.#planning.leave(http, this.nativeSessionId ?? "");
      this.#begun = false;
      this.#stale = false;
      this.#working = true;
      const body = messageBody(parts, { model, agent, variant, system });
      await http.request("POST", this.#path("prompt_async"), { directory, body, signal });
    } catch (cause) {
      // The server's end may have ended the turn, and the next have begun.
      if (turn === this.#turn) this.#fail(cause);
    }
  }

  /** Takes up what an event that cannot be handled would have left open for ever. */
  #passOver(output: AgentOutput, event?: ServerEvent): void {
    if (!this.#inTurn) return;
    this.#emit(output);
    if (event) this.#pending.refuse(event);
    // The lost event may have been the end of the turn.
    void this.#settle();
  }

  #hear(event: ServerEvent, heard: Heard): void {
    const outputs = heard.translator.translate(event);
    if (heard.own && isWork(event)) this.#begun = true;
    if (!this.#stale) {
      for (const output of outputs) if (output.type === "error") this.#error = output.error;
      this.#emit(...outputs);
      if (this.#inTurn && !this.#propose(event, heard)) this.#pending.hear(event, heard);
    }
    if (!heard.own) return;
    this.#changed.ring();
    const { type, raw } = event;
    if (type === "session.idle") this.#rest(raw);
    // What it cannot even begin with it does not end (1.18.33).
    if (type === "session.error") void this.#settle(raw);
  }

  /** Ends the turn when its last message is complete, which may be told after this. */
  #rest(raw: string): void {
    if (!this.#working || !this.#begun) return;
    if (this.#translator.lastMessage?.time?.completed != null) this.#workEnded(raw);
    else void this.#settle(raw);
  }

  async #settle(raw?: string): Promise<void> {
    const turn = this.#turn;
    await sleep(SETTLE_MS, undefined, { ref: false });
    if (turn === this.#turn && this.#working) this.#catchUp(raw);
  }

  /** Asks what the server has said that was not heard, and whether it still works. */
  #catchUp(raw?: string): void {
    this.#caughtUp = this.#check(this.#caughtUp, raw).catch(this.#failed);
  }

  async #check(before: Promise<void>, raw?: string): Promise<void> {
    await before;
    const turn = this.#turn;
    for (let tries = 1; this.#working && turn === this.#turn; tries++) {
      const told = await this.#hearing.tellMissed();
      if (told?.busy === true) return this.#pending.keep(told.waiting);
      if (!this.#working || turn !== this.#turn) return;
      const begun = this.#begun || this.#translator.lastMessage !== undefined;
      if (told && begun) return this.#workEnded(raw);
      if (tries === MAX_TRIES) return this.#fail(new OpencodeError(200, "no work on the message"));
      await sleep(SETTLE_MS, undefined, { ref: false });
    }
  }

  /** Asks whether a plan is approved, in the place of OpenCode; false for anything else. */
  #propose(event: ServerEvent, { own }: Heard): boolean {
    const proposal = own ? this.#planning.proposal(event) : undefined;
    if (proposal) this.#askPlan(proposal, event.raw).catch(this.#failed);
    return proposal !== undefined;
  }

  async #askPlan(proposal: { id: string; file: string }, raw: string): Promise<void> {
    const turn = this.#turn;
    const { current } = this.#server;
    if (!current) return;
    const question = await this.#planning.ask(current.http, proposal, this.#translator.lastText);
    if (turn === this.#turn && this.#inTurn) this.#pending.ask(question, raw);
  }

  #workEnded(raw?: string): void {
    const { answered } = this.#pending;
    // The answer that has ended it is told first.
    if (answered) return void this.#endAfter(answered, raw);
    this.#working = false;
    const text = this.#planning.takeNext();
    if (!this.#stale && text !== undefined && !this.#stopping) {
      this.#handOver = this.#send([{ type: "text", text }], false);
    } else if (!this.#stale) this.#end(endOf(this.#stopping, this.#translator, this.#error), raw);
    this.#changed.ring();
  }

  async #endAfter(answered: Promise<unknown>, raw?: string): Promise<void> {
    const turn = this.#turn;
    await answered;
    await immediate();
    if (this.#working && turn === this.#turn) this.#workEnded(raw);
  }

  async #stop(): Promise<void> {
    using _use = this.#server.use();
    const giveUp = this.#giveUp;
    await this.#server.answered(this.#handOver, INTERRUPT_MS);
    // Its folder hangs, and the server is needed by others.
    giveUp.abort(new Error("the message was not taken in time"));
    await this.#handOver;
    if (!this.#working) return;
    const work: Work = {
      isGoingOn: () => this.#working,
      isAbortable: () => this.#translator.lastMessage !== undefined || this.#error !== undefined,
      changed: this.#changed,
      abort: () => this.#abort(),
      check: async () => {
        // Who is told no more hears no end.
        if (this.#stale) await this.#check(this.#caughtUp);
      },
    };
    await stopWork(work, this.#disposed.signal);
    this.#working = false;
    const { current } = this.#server;
    if (current) await this.#pending.close(current.http, this.#hearing.ids);
  }

  async #abort(): Promise<void> {
    const { directory } = this.#options;
    try {
      // Work that has begun would go on, with commands, if the server only kept silent about it.
      const mustAnswer = this.#translator.lastMessage !== undefined;
      const options = { directory, body: {}, limitMs: INTERRUPT_MS, mustAnswer };
      await this.#server.current?.http.request("POST", this.#path("abort"), options);
    } catch {
      // The server has gone, also because it has not answered this, or refuses: it is tried again.
    }
  }

  #path(what: string): string {
    return `/session/${this.nativeSessionId}/${what}`;
  }

  #lose(cause: ServerGone): void {
    this.#pending.clear();
    const lost = this.#working && !this.#stale;
    this.#working = false;
    this.#stale = false;
    // What it has not been given yet is the next one's to do.
    if (lost) this.#fail(cause);
    this.#changed.ring();
  }

  #fail(cause: unknown): void {
    this.#working = false;
    if (!this.#inTurn) return;
    if (this.#stopping) return this.#end({ status: "interrupted" });
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof OpencodeError && cause.status === 404) {
      const data = { reason: "error", terminated_by: "agent", message } as const;
      return this.#emit({ type: "session.ended", data });
    }
    const code = failureCode(cause, this.#given === this.#turn);
    const details = cause instanceof ServerGone ? cause.details : null;
    this.#emit({ type: "error", error: { code, message, details }, synthetic: true });
    this.#end({ status: "failed", error: { code, message } });
  }

  #end(outcome: TurnOutcome, raw?: string): void {
    if (!this.#inTurn) return;
    this.#inTurn = false;
    this.#stale = this.#working;
    this.#pending.forget();
    using _use = this.#use;
    this.#use = undefined;
    const usage = this.#given === this.#turn ? this.#translator.usage : undefined;
    this.#emit({
      type: "turn.ended",
      outcome: { ...outcome, ...(usage && { usage }) },
      ...(raw !== undefined && { raw }),
    });
    this.#changed.ring();
  }

  #emit(...outputs: AgentOutput[]): void {
    if (outputs.length > 0) this.#options.emit(outputs);
  }
}
