import type { AgentOutput, AgentSession, OpenOptions, Prompt, TurnOutcome } from "../agent.ts";
import { Bell } from "../../io/bell.ts";
import type { Exit } from "../../io/child.ts";
import type { StderrOutput } from "../../schema/event.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { Answers, type Message } from "./answers.ts";
import { NOT_CONFINED } from "./confine.ts";
import { failureCode } from "./failure.ts";
import { statusItem } from "./items.ts";
import { permissionsOf } from "./launch.ts";
import { requireLogin } from "./login.ts";
import { outcomeOf } from "./outcome.ts";
import { Pending } from "./pending.ts";
import { planQuestion, planReply } from "./plan.ts";
import { textInput, toInput, userItem } from "./prompt.ts";
import { type NativeTurn, ThreadAnswer, TurnAnswer, TurnCompleted } from "./protocol.ts";
import { RpcError, type Rpc } from "./rpc.ts";
import { exitMessage } from "../restarts.ts";
import { type CodexServer, SERVER_NAME, ServerGone, type ThreadListener } from "./server.ts";
import { leaveThread, pauseGoal, STOP_MS, stopTurn } from "./stop.ts";
import { Subagents } from "./subagents.ts";
import { threadParams, turnParams } from "./thread.ts";
import { Translator } from "./translate.ts";

/** What a session needs besides its options. */
export interface CodexSessionOptions extends OpenOptions {
  server: CodexServer;
  /** Whether Codex can confine commands on this machine. */
  confined: boolean;
}

/** One conversation with Codex: one thread of the shared server. */
export class CodexSession implements AgentSession {
  nativeSessionId: string | null = null;
  readonly #options: CodexSessionOptions;
  readonly #translator = new Translator();
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
  #handOver: Promise<void> = Promise.resolve();

  constructor(options: CodexSessionOptions) {
    this.#options = options;
    this.#pending = new Pending(options);
    this.#planning = options.agentMode === "plan" || options.permissionMode === "plan";
  }

  /** Makes the thread. */
  async open(): Promise<void> {
    await this.#thread();
  }

  async startTurn(prompt: Prompt): Promise<void> {
    this.#begin();
    const item = userItem(`user_${++this.#messages}`, prompt);
    this.#emit({ type: "item.completed", item, synthetic: true });
    if (this.#messages === 1) this.#warnOfFreedom();
    this.#handOver = this.#send({ input: toInput(prompt) });
    await this.#handOver;
  }

  #begin(): void {
    this.#inTurn = true;
    this.#stopping = false;
    this.#translator.beginTurn();
  }

  async interrupt(): Promise<void> {
    if (!this.#inTurn) return;
    this.#stopping = true;
    await this.#handOver;
    const deadline = AbortSignal.timeout(STOP_MS);
    await this.#askToStop(deadline);
    while (this.#inTurn && !deadline.aborted) await this.#idle.wait({ signal: deadline });
    // The server is shared: it is not ended because one turn hangs.
    this.#end({ status: "interrupted" });
  }

  async replyPermission(id: string, reply: PermissionReply): Promise<void> {
    await this.#pending.replyPermission(id, reply);
  }

  async replyQuestion(id: string, answers: string[][] | null): Promise<void> {
    await this.#pending.replyQuestion(id, answers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const threadId = this.nativeSessionId;
    if (this.#translator.hasGoal) await pauseGoal(this.#rpc, threadId);
    await this.interrupt();
    for (const detach of this.#detach.splice(0)) detach();
    const threads = [threadId, ...this.#subagents.threads];
    await Promise.all(threads.map((thread) => leaveThread(this.#rpc, thread)));
  }

  /** The connection to the server that knows the thread, while it is there. */
  get #rpc(): Rpc | undefined {
    const { current } = this.#options.server;
    return current?.generation === this.#generation ? current.rpc : undefined;
  }

  /** Hands a message over; whatever fails ends the turn. */
  async #send(message: Message): Promise<void> {
    this.#earlyEnds.clear();
    try {
      const rpc = await this.#thread();
      await requireLogin(rpc);
      if (this.#stopping) return this.#end({ status: "interrupted" });
      const settings = { model: this.#model, effort: this.#effort, planning: this.#planning };
      const answer = await rpc.request("turn/start", {
        threadId: this.nativeSessionId,
        ...message,
        ...turnParams(this.#options, this.#permissions(), settings),
      });
      this.#turnId = TurnAnswer.parse(answer).turn.id;
      const end = this.#earlyEnds.get(this.#turnId);
      if (end) this.#complete(...end);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  /** The connection to a server that knows the thread. */
  async #thread(): Promise<Rpc> {
    const { server, model } = this.#options;
    const { rpc, generation } = await server.connect();
    if (generation === this.#generation) return rpc;
    const known = this.nativeSessionId;
    const shared = threadParams(this.#options, this.#permissions());
    const answer = await rpc.request(
      known === null ? "thread/start" : "thread/resume",
      known === null ? shared : { ...shared, threadId: known, excludeTurns: true },
    );
    const { thread, model: used, reasoningEffort } = ThreadAnswer.parse(answer);
    this.#generation = generation;
    this.#model = used ?? model;
    this.#effort = reasoningEffort ?? null;
    if (known === null) {
      this.nativeSessionId = thread.id;
      this.#emit({ type: "native_session", id: thread.id });
      this.#detach.push(server.attach(thread.id, this.#listener(this.#translator, true)));
    }
    return rpc;
  }

  /** Who is told nothing would take commands for confined. */
  #warnOfFreedom(): void {
    const { confined, permissionMode } = this.#options;
    if (confined || permissionMode === "bypass") return;
    const item = statusItem("warning", NOT_CONFINED);
    this.#emit({ type: "item.completed", item, synthetic: true });
  }

  #permissions() {
    const { permissionMode, confined } = this.#options;
    const mode = permissionMode === "plan" && !this.#planning ? "default" : permissionMode;
    return permissionsOf(this.#planning && mode !== "bypass" ? "plan" : mode, confined);
  }

  /** Hears a thread: the session's own, or that of a subagent. */
  #listener(translator: Translator, own: boolean): ThreadListener {
    return {
      notified: (method, params, raw) => {
        const { turnId } = params;
        // Of a turn that is over: its items have ended with it, but for commands that go on.
        const isOver = turnId !== undefined && turnId === this.#givenUp;
        if (own && isOver && !translator.isBackground(params)) return;
        if (own && method === "turn/started") this.#adopt(params, raw);
        const outputs = translator.translate(method, params, raw);
        for (const output of outputs) {
          if (output.type !== "question.requested") continue;
          this.#answers.expect(output.request, this.#pending, () => this.#tellAnswers());
        }
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
      asked: (id, method, params, raw) => {
        const asked = { id, method, params, raw };
        this.#pending.hear(asked, translator, this.#generation, own);
      },
      unparsed: (output) => {
        if (own && this.#inTurn) this.#emit(output);
      },
      gone: (exit, stderr) => {
        if (own) this.#lose(exit, stderr);
      },
    };
  }

  #hearChildren(translator: Translator): void {
    for (const [thread, call] of translator.takeChildren()) {
      const child = new Translator({ parentNativeId: call, subagent: { id: thread } });
      this.#subagents.add(thread, child);
      this.#detach.push(this.#options.server.attach(thread, this.#listener(child, false)));
    }
  }

  /** A turn that nobody has asked for: Codex goes on by itself to reach a goal (0.169.0). */
  #adopt(params: unknown, raw: string): void {
    const id = TurnAnswer.safeParse(params).data?.turn.id;
    if (this.#inTurn || id === undefined || id === this.#givenUp) return;
    this.#emit({ type: "turn.started", nativeTurnId: id, raw });
    this.#begin();
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
    if (steering) return void steering.then(() => this.#complete(turn, raw));
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

  /** Asks whether the plan is approved; the answer goes on with the same turn of ours. */
  #propose(plan: string): void {
    const id = `plan_${this.#turnId}`;
    const request = planQuestion(id, plan);
    this.#turnId = undefined;
    this.#pending.expectAnswers(id, request, {}, async (answers) => {
      const { approved, message } = planReply(answers);
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

  async #askToStop(deadline: AbortSignal): Promise<void> {
    const { server } = this.#options;
    const threadId = this.nativeSessionId;
    const turnId = this.#turnId;
    if (turnId === undefined) return this.#end({ status: "interrupted" });
    try {
      const { rpc } = await server.connect();
      const isAsked = (callId: string) => this.#pending.isAsked(callId);
      const mayRetry = () => this.#inTurn && !deadline.aborted;
      // A command that ran would go on in the background.
      await stopTurn(rpc, { threadId, turnId }, this.#translator.commands(isAsked), mayRetry);
      await this.#subagents.interrupt(rpc, isAsked);
    } catch {
      // The server has gone, or refuses: the deadline ends the turn.
    }
  }

  #lose(exit: Exit, stderr: StderrOutput): void {
    this.#pending.clear();
    this.#emit(...this.#subagents.lose(), ...this.#translator.lose());
    this.#fail(new ServerGone(exitMessage(SERVER_NAME, exit, stderr)), {
      exitCode: exit.code,
      signal: exit.signal,
      stderr,
    });
  }

  #fail(cause: unknown, details: unknown = null): void {
    if (!this.#inTurn) return;
    if (this.#stopping) return this.#end({ status: "interrupted" });
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof RpcError && /no rollout found/.test(message)) {
      const data = { reason: "error", terminated_by: "agent", message } as const;
      this.#emit({ type: "session.ended", data });
      return;
    }
    const code = failureCode(cause);
    this.#emit({ type: "error", error: { code, message, details }, synthetic: true });
    this.#end({ status: "failed", error: { code, message } });
  }

  #end(outcome: TurnOutcome, raw?: string): void {
    if (!this.#inTurn) return;
    this.#inTurn = false;
    this.#givenUp = this.#turnId;
    this.#turnId = undefined;
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
