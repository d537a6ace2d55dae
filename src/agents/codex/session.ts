import type { AgentOutput, AgentSession, Prompt, TurnOutcome } from "../agent.ts";
import { planQuestion, planVerdict } from "../plan-question.ts";
import { KnownFiles } from "../file-facts.ts";
import { Bell } from "../../io/bell.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { Answers, type Message } from "./answers.ts";
import { freedomNotice } from "./confine.ts";
import { requireLogin } from "./login.ts";
import { outcomeOf } from "./outcome.ts";
import { Pending } from "./pending.ts";
import { projectParams } from "./project.ts";
import { textInput, toInput } from "./prompt.ts";
import { identifyDirectory } from "../working-directory.ts";
import { userItem } from "../user-message.ts";
import { type NativeTurn, TurnAnswer, TurnCompleted } from "./protocol.ts";
import { type Rpc, RpcError, understood } from "./rpc.ts";
import { endOf, failureOf } from "./failure.ts";
import type { ThreadListener } from "./server.ts";
import { leaveThread, pauseGoal, STOP_MS, stopTurn } from "./stop.ts";
import { Subagents } from "./subagents.ts";
import { runsCommands } from "./terminals.ts";
import { type CodexSessionOptions, openThread, threadParams, turnParams } from "./thread.ts";
import { Translator } from "./translate.ts";

/** One conversation with Codex: one thread of the shared server. */
export class CodexSession implements AgentSession {
  nativeSessionId: string | null = null;
  readonly #options: CodexSessionOptions;
  readonly #translator = new Translator({}, new KnownFiles());
  readonly #pending: Pending;
  readonly #answers = new Answers();
  readonly #subagents = new Subagents();
  /** Rung when a turn has ended. */
  readonly #idle = new Bell();
  readonly #detach: (() => void)[] = [];
  /** The server that knows the thread. */
  #generation = 0;
  #model: string | null = null;
  #effort: string | null = null;
  #planning: boolean;
  #turnId: string | undefined;
  /** The native id of the turn before. */
  #givenUp: string | undefined;
  /** Ends of turns that were told before it was known whether they are ours, by their ids. */
  readonly #earlyEnds = new Map<string, [turn: NativeTurn, raw: string]>();
  #inTurn = false;
  #stopping = false;
  #disposed = false;
  #messages = 0;
  #turns = 0;
  #handOver: Promise<void> = Promise.resolve();
  /** Keeps the server for the running turn. */
  #use: Disposable | undefined;
  /** The server has been given the running turn. */
  #given = false;
  readonly #failed = (cause: unknown): void => this.#fail(cause);
  /** The server has kept something of the thread on disk. */
  #recorded = false;

  constructor(options: CodexSessionOptions) {
    this.#options = options;
    this.#pending = new Pending(options);
    this.#planning = options.agentMode === "plan" || options.permissionMode === "plan";
  }

  /** Makes the thread. */
  async open(): Promise<void> {
    using _use = this.#options.server.use();
    await this.#thread();
  }

  async startTurn(prompt: Prompt): Promise<void> {
    this.#begin();
    const item = userItem(`user_${++this.#messages}`, prompt);
    this.#emit({ type: "item.completed", item, synthetic: true });
    if (this.#messages === 1) this.#emit(...freedomNotice(this.#options));
    const message = { input: toInput(prompt) };
    // What the one before it, if it was interrupted, still asks of the server is needed too.
    this.#handOver = this.#handOver.then(() => this.#send(message));
    await this.#handOver;
  }

  #begin(): void {
    this.#turns += 1;
    this.#inTurn = true;
    this.#stopping = false;
    this.#given = false;
    this.#use = this.#options.server.use();
    this.#translator.beginTurn();
  }

  async interrupt(): Promise<void> {
    if (!this.#inTurn) return;
    this.#stopping = true;
    const turn = this.#turns;
    // The next one begins as soon as this one has ended.
    const runs = () => this.#inTurn && turn === this.#turns;
    // The server may be long in starting: nobody waits for it any more.
    if (!this.#given && !this.#options.server.current) return this.#end({ status: "interrupted" });
    await this.#options.server.answered(this.#handOver, STOP_MS);
    const deadline = AbortSignal.timeout(STOP_MS);
    await this.#askToStop(() => runs() && !deadline.aborted);
    while (runs() && !deadline.aborted) await this.#idle.wait({ signal: deadline });
    // The server is shared: it is not ended because one turn hangs.
    if (runs()) this.#end({ status: "interrupted" });
  }

  async replyPermission(id: string, reply: PermissionReply): Promise<void> {
    await this.#pending.replyPermission(id, reply);
  }

  async replyQuestion(id: string, answers: string[][] | null): Promise<void> {
    await this.#pending.replyQuestion(id, answers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    if (this.#translator.hasGoal) await pauseGoal(this.#rpc, this.nativeSessionId);
    await this.interrupt();
    for (const detach of this.#detach.splice(0)) detach();
    using _use = this.#options.server.use();
    const threads = [this.nativeSessionId, ...this.#subagents.threads];
    await Promise.all(threads.map((thread) => leaveThread(this.#rpc, thread)));
    this.#emit(...(await this.#options.server.endLeftBehind(threads)));
  }

  /** The connection to the server that knows the thread, while it is there. */
  get #rpc(): Rpc | undefined {
    const { current } = this.#options.server;
    return current?.generation === this.#generation ? current.rpc : undefined;
  }

  /** Hands a message over; whatever fails ends the turn. */
  async #send(message: Message): Promise<void> {
    const turn = this.#turns;
    this.#earlyEnds.clear();
    try {
      await identifyDirectory(this.#options.directory);
      const rpc = await this.#thread();
      await requireLogin(rpc);
      // The next may have begun.
      if (turn !== this.#turns) return;
      if (this.#stopping) return this.#end({ status: "interrupted" });
      this.#given = true;
      const settings = { model: this.#model, effort: this.#effort, planning: this.#planning };
      const answer = await rpc.request("turn/start", {
        threadId: this.nativeSessionId,
        ...message,
        ...turnParams(this.#options, settings),
      });
      const { id } = understood(TurnAnswer, answer, "turn/start").turn;
      this.#recorded = true;
      if (!this.#inTurn || turn !== this.#turns) return;
      this.#turnId = id;
      // Its end may have come in the same piece as this answer.
      const end = this.#earlyEnds.get(id);
      if (end) this.#complete(...end);
    } catch (cause) {
      // The server's end may have ended the turn, and the next have begun.
      if (turn === this.#turns) this.#fail(cause);
    }
  }

  /** The connection to a server that knows the thread. */
  async #thread(): Promise<Rpc> {
    const { server, model } = this.#options;
    const { rpc, generation } = await server.connect();
    if (generation === this.#generation) return rpc;
    // Of a thread in which nothing has been said there is no record (0.169.0): it is begun again.
    const known = this.#recorded ? this.nativeSessionId : null;
    const project = await projectParams(rpc, this.#options);
    const params = threadParams(this.#options, this.#planning, project);
    const { thread, model: used, reasoningEffort } = await openThread(rpc, known, params);
    this.#generation = generation;
    this.#model = used ?? model;
    this.#effort = reasoningEffort ?? null;
    if (known === null) {
      this.nativeSessionId = thread.id;
      this.#emit({ type: "native_session", id: thread.id });
      const listener = this.#listener(thread.id, this.#translator, true);
      this.#detach.push(server.attach(thread.id, listener));
    }
    return rpc;
  }

  /** Hears a thread: the session's own, or that of a subagent. */
  #listener(threadId: string, translator: Translator, own: boolean): ThreadListener {
    return {
      notified: (method, params, raw) => {
        const { turnId } = params;
        // Of a turn that is over: its items have ended with it, but for commands that go on.
        const isOver = turnId !== undefined && turnId === this.#givenUp;
        if (own && isOver && !translator.isBackground(params)) return;
        if (own && method === "turn/started") this.#adopt(params, raw);
        const outputs = translator.translate(method, params, raw);
        this.#answers.expect(outputs, this.#pending, () => this.#tellAnswers());
        this.#emit(...outputs);
        this.#hearChildren(translator);
        if (method === "serverRequest/resolved") {
          this.#pending.resolved(params["requestId"], this.#generation);
        }
        const childEnd = own ? undefined : this.#subagents.hear(method, params);
        if (childEnd !== undefined) this.#emit(...translator.endTurn(childEnd === "interrupted"));
        if (own && method === "turn/completed") this.#hearEnd(params, raw);
        if (own) this.#tellAnswers();
      },
      asked: (id, method, params, raw) =>
        this.#pending.hear({ id, method, params, raw }, translator, this.#generation, own),
      unparsed: (output, method) => {
        if (!own || !this.#inTurn) return;
        this.#emit(output);
        if (method === "turn/completed")
          this.#fail(new RpcError("the end of the turn could not be handled"));
      },
      gone: (cause, ended) => {
        if (!own) return;
        this.#pending.clear();
        this.#emit(...ended, ...this.#subagents.lose(), ...this.#translator.lose());
        // What it has not been given yet is the next one's to do.
        if (this.#given) this.#fail(cause);
      },
      // Subagents, and commands in the background, go on when a turn has ended; a goal begins another.
      needed: async () => {
        const rpc = this.#rpc;
        const works = this.#subagents.areWorking || this.#translator.hasGoal;
        return rpc !== undefined && (works || (await runsCommands(rpc, threadId)));
      },
    };
  }

  #hearChildren(translator: Translator): void {
    for (const [thread, call] of translator.takeChildren()) {
      const child = translator.below(thread, call);
      this.#subagents.add(thread, child);
      this.#detach.push(this.#options.server.attach(thread, this.#listener(thread, child, false)));
    }
  }

  /** A turn that nobody has asked for: Codex goes on by itself to reach a goal (0.169.0). */
  #adopt(params: unknown, raw: string): void {
    const id = TurnAnswer.safeParse(params).data?.turn.id;
    if (this.#inTurn || id === undefined || id === this.#givenUp) return;
    this.#emit({ type: "turn.started", nativeTurnId: id, raw });
    this.#begin();
    this.#given = true;
    this.#turnId = id;
  }

  /** The server says that a turn has ended. */
  #hearEnd(params: unknown, raw: string): void {
    const turn = TurnCompleted.safeParse(params).data?.turn;
    if (!turn || !this.#inTurn) return;
    if (turn.id === this.#turnId) this.#complete(turn, raw);
    else if (this.#turnId === undefined) this.#earlyEnds.set(turn.id, [turn, raw]);
  }

  /** The turn has ended natively; a plan that it has proposed is to be approved first. */
  #complete(turn: NativeTurn, raw: string): void {
    const { plan } = this.#translator;
    const { steering } = this.#answers;
    if (steering) return void steering.then(() => this.#complete(turn, raw)).catch(this.#failed);
    const goesOn = turn.status === "completed" && !this.#stopping;
    if (goesOn && this.#planning && plan !== undefined) {
      this.#translator.plan = undefined;
      this.#propose(plan);
    } else if (goesOn && this.#answers.waiting) {
      // What was answered meanwhile belongs to what the turn is about.
      this.#turnId = undefined;
      this.#handOver = this.#send(this.#answers.take());
    } else {
      this.#end(outcomeOf(turn.status, turn.error ?? undefined), raw);
    }
  }

  /**
   * Tells Codex what was answered: into the running turn, but not into the middle of a message, which
   * that would end; else as a turn of its own.
   */
  #tellAnswers(): void {
    if (!this.#answers.waiting || this.#disposed) return;
    if (!this.#inTurn) {
      this.#emit({ type: "turn.started" });
      this.#begin();
      this.#handOver = this.#send(this.#answers.take());
      return;
    }
    const rpc = this.#rpc;
    if (!rpc || this.#turnId === undefined || this.#stopping) return;
    if (this.#translator.isSpeaking) return;
    const steered = this.#answers.steer(rpc, this.nativeSessionId, this.#turnId);
    // What was too late for the turn is told when it has ended.
    void steered.then(() => setImmediate(() => this.#tellAnswers()));
  }

  /**
   * Asks whether the plan is approved: Codex ends a turn with its plan and asks nothing (0.169.0). The
   * answer goes on with the same turn of ours; a plain no ends it.
   */
  #propose(plan: string): void {
    const id = `plan_${this.#turnId}`;
    const request = planQuestion(id, plan);
    this.#turnId = undefined;
    this.#pending.expectAnswers(id, request, {}, async (answers) => {
      const { approved, words } = planVerdict(answers);
      const message = approved ? "Implement the plan." : words;
      if (message === undefined) {
        // The answer is told first.
        setImmediate(() => this.#end({ status: "completed" }));
        return;
      }
      this.#planning = !approved;
      this.#handOver = this.#send({ input: [textInput(message)] });
    });
    this.#emit({ type: "question.requested", request, synthetic: true });
  }

  async #askToStop(isWanted: () => boolean): Promise<void> {
    const threadId = this.nativeSessionId;
    const turnId = this.#turnId;
    if (!isWanted()) return;
    if (turnId === undefined) return this.#end({ status: "interrupted" });
    try {
      const { rpc } = await this.#options.server.connect();
      const isAsked = (callId: string) => this.#pending.isAsked(callId);
      // A command that ran would go on in the background.
      await stopTurn(rpc, { threadId, turnId }, this.#translator.commands(isAsked), isWanted);
      await this.#subagents.interrupt(rpc, isAsked);
    } catch {
      // The server has gone, or refuses: the deadline ends the turn.
    }
  }

  #fail(cause: unknown): void {
    if (!this.#inTurn) return;
    if (this.#stopping) return this.#end({ status: "interrupted" });
    const data = endOf(cause);
    if (data) return this.#emit({ type: "session.ended", data });
    const { code, message, details } = failureOf(cause, this.#given);
    this.#emit({ type: "error", error: { code, message, details }, synthetic: true });
    this.#end({ status: "failed", error: { code, message } });
  }

  #end(outcome: TurnOutcome, raw?: string): void {
    if (!this.#inTurn) return;
    this.#inTurn = false;
    this.#givenUp = this.#turnId;
    this.#turnId = undefined;
    using _use = this.#use;
    this.#use = undefined;
    const { usage } = this.#translator;
    this.#emit(...this.#translator.endTurn(outcome.status === "interrupted"), {
      type: "turn.ended",
      outcome: { ...outcome, ...(usage && { usage }) },
      ...(raw !== undefined && { raw }),
    });
    this.#idle.ring();
    if (this.#answers.waiting) setImmediate(() => this.#tellAnswers());
  }

  #emit(...outputs: AgentOutput[]): void {
    if (outputs.length > 0) this.#options.emit(outputs);
  }
}
