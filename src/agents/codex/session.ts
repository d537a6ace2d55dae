import { setTimeout as sleep } from "node:timers/promises";
import type { AgentOutput, AgentSession, OpenOptions, Prompt, TurnOutcome } from "../agent.ts";
import { Bell } from "../../io/bell.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { freedomNotice } from "./confine.ts";
import { permissionsOf, sandboxPolicy } from "./launch.ts";
import { outcomeOf } from "./outcome.ts";
import { Pending } from "./pending.ts";
import { planQuestion, planReply } from "./plan.ts";
import { toInput, userItem } from "./prompt.ts";
import { ThreadAnswer, TurnAnswer, TurnCompleted } from "./protocol.ts";
import { RpcError, type Rpc, understood } from "./rpc.ts";
import { ServerGone } from "../shared-server.ts";
import { runsCommands } from "./background.ts";
import { failureCode } from "./failure.ts";
import type { CodexServer, ThreadListener } from "./server.ts";
import { Translator } from "./translate.ts";

/** How long an interrupted turn may take to end by itself; 10 ms seen of 0.169.0. */
const INTERRUPT_MS = 5000;

const RETRY_MS = 20;
/** How long a server may take to forget a thread; it answers within milliseconds. */
const LEAVE_MS = 1000;

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
  /** The running turns of subagents, by their threads. */
  readonly #childTurns = new Map<string, string>();
  /** Rung when a turn has ended. */
  readonly #idle = new Bell();
  readonly #detach: (() => void)[] = [];
  /** The server that knows the thread. */
  #generation = 0;
  #model: string | null = null;
  #planning: boolean;
  #turnId: string | undefined;
  /** The native id of the turn before. */
  #givenUp: string | undefined;
  #inTurn = false;
  #stopping = false;
  #messages = 0;
  #handOver: Promise<void> = Promise.resolve();
  /** Keeps the server for the running turn. */
  #use: Disposable | undefined;
  /** The server has been given the running turn. */
  #given = false;
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
    this.#inTurn = true;
    this.#stopping = false;
    this.#given = false;
    this.#use = this.#options.server.use();
    this.#translator.beginTurn();
    const item = userItem(`user_${++this.#messages}`, prompt);
    this.#emit({ type: "item.completed", item, synthetic: true });
    if (this.#messages === 1) this.#emit(...freedomNotice(this.#options));
    // What the one before it, if it was interrupted, still asks of the server is needed too.
    this.#handOver = this.#handOver.then(() => this.#send(toInput(prompt)));
    await this.#handOver;
  }

  async interrupt(): Promise<void> {
    if (!this.#inTurn) return;
    this.#stopping = true;
    // The server may be long in starting: nobody waits for it any more.
    if (!this.#given && !this.#options.server.current) return this.#end({ status: "interrupted" });
    await this.#options.server.answered(this.#handOver, INTERRUPT_MS);
    const deadline = AbortSignal.timeout(INTERRUPT_MS);
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
    await this.interrupt();
    for (const detach of this.#detach.splice(0)) detach();
    using _use = this.#options.server.use();
    const { current } = this.#options.server;
    if (!current || current.generation !== this.#generation) return;
    const thread = { threadId: this.nativeSessionId };
    // What it has left running ends with the session, and the server forgets it.
    for (const method of ["thread/backgroundTerminals/clean", "thread/unsubscribe"]) {
      await current.rpc.request(method, thread, LEAVE_MS).catch(() => undefined);
    }
  }

  /** Hands a message over; whatever fails ends the turn. */
  async #send(input: object[]): Promise<void> {
    const message = this.#messages;
    try {
      const rpc = await this.#thread();
      // The next may have begun.
      if (message !== this.#messages) return;
      if (this.#stopping) return this.#end({ status: "interrupted" });
      this.#given = true;
      const { variant } = this.#options;
      const { sandbox, approvalPolicy } = this.#permissions();
      const answer = await rpc.request("turn/start", {
        threadId: this.nativeSessionId,
        input,
        approvalPolicy,
        sandboxPolicy: sandboxPolicy(sandbox),
        ...(variant !== null && { effort: variant }),
        collaborationMode: {
          mode: this.#planning ? "plan" : "default",
          settings: {
            model: this.#model,
            reasoning_effort: variant,
            developer_instructions: null,
          },
        },
      });
      const { turn } = understood(TurnAnswer, answer, "turn/start");
      // Its end may have come in the same piece as this answer.
      if (this.#inTurn && message === this.#messages) this.#turnId = turn.id;
      this.#recorded = true;
    } catch (cause) {
      // The server's end may have ended the turn, and the next have begun.
      if (message === this.#messages) this.#fail(cause);
    }
  }

  /** The connection to a server that knows the thread. */
  async #thread(): Promise<Rpc> {
    const { server, directory, model, sessionEnv } = this.#options;
    const { rpc, generation } = await server.connect();
    if (generation === this.#generation) return rpc;
    const { sandbox, approvalPolicy } = this.#permissions();
    const known = this.nativeSessionId;
    const shared = {
      cwd: directory,
      approvalPolicy,
      sandbox,
      ...(model !== null && { model }),
      // The server is everybody's: what it starts for this session gets the session's variables.
      config: { "shell_environment_policy.set": sessionEnv },
    };
    // Of a thread in which nothing has been said there is no record (0.169.0): it is begun again.
    const begins = known === null || !this.#recorded;
    const method = begins ? "thread/start" : "thread/resume";
    const answer = await rpc.request(
      method,
      begins ? shared : { ...shared, threadId: known, excludeTurns: true },
    );
    const { thread, model: used } = understood(ThreadAnswer, answer, method);
    this.#generation = generation;
    this.#model = used ?? model;
    if (begins) {
      this.nativeSessionId = thread.id;
      this.#emit({ type: "native_session", id: thread.id });
      const listener = this.#listener(thread.id, this.#translator, true);
      this.#detach.push(server.attach(thread.id, listener));
    }
    return rpc;
  }

  #permissions() {
    const { permissionMode, confined } = this.#options;
    const mode = permissionMode === "plan" && !this.#planning ? "default" : permissionMode;
    return permissionsOf(this.#planning && mode !== "bypass" ? "plan" : mode, confined);
  }

  /** Hears a thread: the session's own, or that of a subagent. */
  #listener(threadId: string, translator: Translator, own: boolean): ThreadListener {
    return {
      notified: (method, params, raw) => {
        const { turnId } = params;
        // Of a turn that is over: its items have ended with it.
        if (own && turnId !== undefined && turnId === this.#givenUp) return;
        this.#emit(...translator.translate(method, params, raw));
        this.#hearChildren(translator);
        if (method === "serverRequest/resolved") {
          this.#pending.resolved(params["requestId"], this.#generation);
        }
        if (!own) this.#followChild(method, params);
        if (own && method === "turn/completed") this.#complete(params, raw);
      },
      asked: (id, method, params, raw) => {
        const asked = { id, method, params, raw };
        this.#pending.hear(asked, translator, this.#generation, own);
      },
      unparsed: (output) => {
        if (own && this.#inTurn) this.#emit(output);
      },
      gone: (cause) => {
        if (own) this.#lose(cause);
      },
      needed: () => this.#isNeeded(threadId),
    };
  }

  #hearChildren(translator: Translator): void {
    for (const [thread, call] of translator.takeChildren()) {
      const place = { parentNativeId: call, subagent: { id: thread } };
      const child = new Translator(place);
      this.#detach.push(this.#options.server.attach(thread, this.#listener(thread, child, false)));
    }
  }

  /** A subagent's turn goes on when its parent's is interrupted: it is interrupted with it. */
  #followChild(method: string, params: Record<string, unknown>): void {
    const { threadId } = params;
    const turn = TurnAnswer.safeParse(params).data?.turn;
    if (typeof threadId !== "string" || !turn) return;
    if (method === "turn/started") this.#childTurns.set(threadId, turn.id);
    if (method === "turn/completed") this.#childTurns.delete(threadId);
  }

  /** The server says that the turn has ended; a plan that it has proposed is to be approved first. */
  #complete(params: unknown, raw: string): void {
    const turn = TurnCompleted.safeParse(params).data?.turn;
    // One that was given up may end later, while the next is being handed over.
    if (!turn || turn.id !== (this.#turnId ?? turn.id) || turn.id === this.#givenUp) return;
    const { plan } = this.#translator;
    if (turn.status === "completed" && this.#planning && plan !== undefined && !this.#stopping) {
      this.#translator.plan = undefined;
      this.#propose(plan);
      return;
    }
    this.#end(outcomeOf(turn.status, turn.error ?? undefined), raw);
  }

  /** Asks whether the plan is approved; the answer goes on with the same turn of ours. */
  #propose(plan: string): void {
    const id = `plan_${this.#turnId}`;
    const request = planQuestion(id, plan);
    const toAnswer = (answers: string[][] | null) => ({ answers });
    this.#turnId = undefined;
    this.#pending.add(id, {
      ask: { kind: "question", request, toAnswer },
      answer: async (result) => {
        const { approved, message } = planReply(result);
        if (message === undefined) {
          // The answer is told first.
          setImmediate(() => this.#end({ status: "completed" }));
          return;
        }
        this.#planning = !approved;
        this.#handOver = this.#send([{ type: "text", text: message, text_elements: [] }]);
      },
    });
    this.#emit({ type: "question.requested", request, synthetic: true });
  }

  /** A turn that has only just been accepted cannot be interrupted yet (0.169.0). */
  async #interruptTurn(rpc: Rpc, deadline: AbortSignal): Promise<void> {
    for (;;) {
      try {
        const turn = { threadId: this.nativeSessionId, turnId: this.#turnId };
        await rpc.request("turn/interrupt", turn, INTERRUPT_MS);
        return;
      } catch (cause) {
        if (!(cause instanceof RpcError) || !this.#inTurn || deadline.aborted) throw cause;
        await sleep(RETRY_MS);
      }
    }
  }

  async #askToStop(deadline: AbortSignal): Promise<void> {
    const { server } = this.#options;
    const threadId = this.nativeSessionId;
    try {
      if (this.#turnId === undefined) return this.#end({ status: "interrupted" });
      const { rpc } = await server.connect();
      await this.#interruptTurn(rpc, deadline);
      for (const [child, turnId] of this.#childTurns) {
        await rpc.request("turn/interrupt", { threadId: child, turnId }, INTERRUPT_MS);
      }
      // A command that ran goes on as a terminal in the background.
      await rpc.request("thread/backgroundTerminals/clean", { threadId }, INTERRUPT_MS);
    } catch {
      // The server has gone, or refuses: the deadline ends the turn.
    }
  }

  /** Subagents, and commands in the background, go on when a turn has ended. */
  async #isNeeded(threadId: string): Promise<boolean> {
    const { current } = this.#options.server;
    if (!current || current.generation !== this.#generation) return false;
    return this.#childTurns.size > 0 || (await runsCommands(current.rpc, threadId));
  }

  #lose(cause: ServerGone): void {
    this.#pending.clear();
    this.#childTurns.clear();
    // What it has not been given yet is the next one's to do.
    if (this.#given) this.#fail(cause);
  }

  #fail(cause: unknown): void {
    if (!this.#inTurn) return;
    if (this.#stopping) return this.#end({ status: "interrupted" });
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof RpcError && /no rollout found/.test(message)) {
      const data = { reason: "error", terminated_by: "agent", message } as const;
      this.#emit({ type: "session.ended", data });
      return;
    }
    const code = failureCode(cause, this.#given);
    const details = cause instanceof ServerGone ? cause.details : null;
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
