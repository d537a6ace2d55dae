import type { AgentOutput, AgentSession, Prompt, TurnOutcome } from "../agents/agent.ts";
import { systemErrorOf } from "../io/system-error.ts";
import type { SessionEndedData } from "../schema/event.ts";
import type { PermissionReply } from "../schema/permission.ts";
import { sessionEnded } from "../schema/problem.ts";
import type { SessionInfo } from "../schema/session.ts";
import { SessionFiles } from "./attachments.ts";
import type { EventLog } from "./event-log.ts";
import { insteadOf } from "./broken-output.ts";
import { lastOutcome, soundOutcome } from "./outcomes.ts";
import { endedProblem } from "./ended-problem.ts";
import { Interruption } from "./interruption.ts";
import { Recorder, SYNTHETIC } from "./recorder.ts";
import { infoOf } from "./session-info.ts";
import { SessionImages } from "./session-images.ts";
import { redactFailure } from "./redact-failure.ts";
import { type ClosedBy, Requests } from "./requests.ts";
import type { SessionHooks } from "./session-hooks.ts";
import type { SessionSettings } from "./settings.ts";
import { Turn } from "./turn.ts";
import { TurnQueue } from "./turn-queue.ts";

/** Permissions and questions that are open at once; more are rejected. */
const MAX_REQUESTS = 1000;
const INTERRUPTED: TurnOutcome = { status: "interrupted" };
const TERMINATED: SessionEndedData = { reason: "terminated", terminated_by: "daemon" };

/** One conversation: owns its agent session, its queue and its log. */
export class Session implements AsyncDisposable {
  readonly settings: SessionSettings;
  readonly log: EventLog;
  /** They stay when the session has ended: its events may name them. */
  readonly files: SessionFiles;
  readonly images: SessionImages;
  readonly #recorder: Recorder;
  readonly #requests: Requests;
  readonly #hooks: SessionHooks;
  #agent: AgentSession | undefined;
  #started = false;
  /** What the agent has said while its session was being opened. */
  readonly #early: AgentOutput[] = [];
  #turn: Turn | undefined;
  #turnCount = 0;
  readonly #queue: TurnQueue;
  #end: SessionEndedData | undefined;
  #termination: Promise<void> | undefined;
  readonly #interruption = new Interruption();
  /** Why requests that nobody answered are closed now. */
  #closedBy: ClosedBy = "interrupted";
  // What runs beside the callers: hand-overs to the agent, deadlines, remembered answers.
  readonly #tasks = new Set<Promise<void>>();

  constructor(settings: SessionSettings, log: EventLog, hooks: SessionHooks) {
    this.settings = settings;
    this.log = log;
    this.#hooks = hooks;
    this.files = new SessionFiles(hooks.childGroup);
    this.images = new SessionImages(this.files);
    this.#queue = new TurnQueue(hooks.queues, settings.sessionId);
    this.#recorder = new Recorder(settings.sessionId, log, Date.now, this.images);
    this.#requests = new Requests(this.#recorder, (id) => {
      this.#run(this.replyPermission(id, "always", "remembered"));
    });
  }

  /** Takes over the agent's session and records the start of ours. */
  start(agent: AgentSession): void {
    const { agentId, agentMode, permissionMode, model, variant } = this.settings;
    this.#agent = agent;
    this.#recorder.nativeSessionId = agent.nativeSessionId;
    const metadata = { agent: agentId, agentMode, permissionMode, model, variant };
    this.#recorder.record({ type: "session.started", data: { metadata } });
    this.#started = true;
    this.receive(this.#early.splice(0));
  }

  get info(): SessionInfo {
    return infoOf(this.settings, this.#recorder, this.#queue.length);
  }

  /** Accepts a message: its turn starts now, or when the turns before it have ended. */
  post(prompt: Prompt): Turn {
    if (this.#end || this.#termination) throw endedProblem(this.settings.agentId, this.#end);
    const bytes = this.#turn ? this.#queue.reserve(prompt) : 0;
    const turn = new Turn(++this.#turnCount, "user", prompt);
    this.#queue.push(turn, bytes);
    this.#startNext();
    return turn;
  }

  /**
   * Stops the running turn and waits for its end, at most 9 seconds; does nothing while the session
   * is idle. The session ends a turn whose end the agent does not report.
   */
  async interrupt(): Promise<void> {
    const turn = this.#turn;
    if (!turn || !this.#agent) return;
    // A turn whose message the agent has not received yet ends without the agent.
    if (turn.prompt === undefined) {
      const isEnded = await this.#interruption.endOf(turn, this.#agent);
      if (isEnded || this.#turn !== turn) return;
    }
    this.#finish(INTERRUPTED);
    this.#startNext();
  }

  /** Answers a permission; rejects where the id is not pending. */
  async replyPermission(id: string, reply: PermissionReply, closedBy?: ClosedBy): Promise<void> {
    const deliver = async () => this.#requireAgent().replyPermission(id, reply);
    await this.#requests.answerPermission(id, reply, deliver, closedBy);
  }

  /** Answers a question, or rejects it with null. */
  async replyQuestion(id: string, answers: string[][] | null, closedBy?: ClosedBy): Promise<void> {
    const deliver = async (fitted: string[][] | null) =>
      this.#requireAgent().replyQuestion(id, fitted);
    await this.#requests.answerQuestion(id, answers, deliver, closedBy);
  }

  /** Stops all work, releases the agent and records `session.ended`; harmless when ended. */
  terminate(): Promise<void> {
    this.#closedBy = "terminated";
    this.#termination ??= this.#terminate();
    return this.#termination;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
    await this.files[Symbol.asyncDispose]();
  }

  /** Records what the agent emits, in order. Never throws. */
  receive(outputs: AgentOutput[]): void {
    if (!this.#started) {
      this.#early.push(...outputs);
      return;
    }
    for (const output of outputs) if (!this.log.closed) this.#take(output);
  }

  /** Records an output. One that cannot be recorded costs its turn at most. */
  #take(output: AgentOutput): void {
    try {
      this.#record(output);
    } catch (cause) {
      for (const instead of insteadOf(output, cause, this.settings.agentId)) this.#attempt(instead);
      if ("request" in output) this.#refuse(output);
    }
  }

  #attempt(output: AgentOutput): void {
    try {
      this.#record(output);
    } catch {
      // Not even that can be recorded. An interrupt still ends the turn.
    }
  }

  /** Rejects a request that is not shown. */
  #refuse({ type, request }: Extract<AgentOutput, { request: unknown }>): void {
    const agent = this.#agent;
    if (!agent) return;
    const isPermission = type === "permission.requested";
    const { id } = request;
    this.#run(isPermission ? agent.replyPermission(id, "reject") : agent.replyQuestion(id, null));
  }

  #record(said: AgentOutput): void {
    const output = redactFailure(said, this.#hooks.redact);
    const origin = { synthetic: output.synthetic ?? false, raw: output.raw };
    switch (output.type) {
      case "native_session":
        this.#recorder.nativeSessionId = output.id;
        return;
      case "turn.started":
        if (!this.#turn && !this.#interruption.isEndOverdue)
          this.#start(new Turn(++this.#turnCount, "agent"), output);
        return;
      case "turn.ended":
        if (this.#interruption.isEndOverdue) return;
        this.#finish(soundOutcome(output.outcome), output);
        this.#startNext();
        return;
      case "item.started":
        this.#recorder.startItem(output.item, origin);
        return;
      case "item.delta":
        this.#recorder.addDelta(output.nativeId, output.delta, origin);
        return;
      case "item.completed":
        this.#recorder.completeItem(output.item, origin);
        return;
      case "item.abandoned":
        this.#recorder.failItem(output.nativeId);
        return;
      case "error":
        this.#recorder.record({ type: "error", data: output.error }, origin);
        return;
      case "permission.requested":
        if (this.#requests.size >= MAX_REQUESTS) return this.#refuse(output);
        this.#requests.openPermission(output.request, origin);
        this.#attend(output.request);
        return;
      case "question.requested":
        if (this.#requests.size >= MAX_REQUESTS) return this.#refuse(output);
        this.#requests.openQuestion(output.request, origin);
        this.#attend(output.request);
        return;
      case "request.withdrawn":
        this.#requests.withdraw(output.id, this.#closedBy, output.answer);
        return;
      case "unparsed": {
        const data = { error: output.error, location: output.location, raw_hash: null };
        this.#recorder.record({ type: "agent.unparsed", data }, { ...SYNTHETIC, raw: output.raw });
        return;
      }
      case "session.ended":
        this.#close(output.data);
        this.#run(this.#release());
    }
  }

  #startNext(): void {
    // Without an agent the session is ending: what waits is ended with it.
    if (this.#turn || this.#end || !this.#agent) return;
    const turn = this.#queue.shift();
    if (!turn) return;
    this.#start(turn);
    this.#run(this.#handOver(turn));
  }

  #start(turn: Turn, { nativeTurnId, raw }: { nativeTurnId?: string; raw?: string } = {}): void {
    this.#turn = turn;
    turn.startedAt = performance.now();
    const metadata = {
      origin: turn.origin,
      ...(nativeTurnId !== undefined && { native_turn_id: nativeTurnId }),
    };
    const data = { phase: "started", turn_id: turn.id, metadata } as const;
    const origin = { ...SYNTHETIC, raw };
    turn.startSequence = this.#recorder.record({ type: "turn.started", data }, origin);
    this.#hooks.onTurnStarted();
  }

  async #handOver(turn: Turn): Promise<void> {
    try {
      // The agent still ends the turn before.
      while (this.#interruption.stopping) await this.#interruption.stopping;
      if (this.#turn !== turn) return;
      const { prompt } = turn;
      // A long turn must not keep a large message.
      turn.prompt = undefined;
      if (prompt) await this.#requireAgent().startTurn(prompt);
    } catch (cause) {
      if (this.#turn !== turn || this.#termination) return;
      const error = { code: "internal", message: systemErrorOf(cause)?.text ?? String(cause) };
      this.receive([
        { type: "error", error: { ...error, details: null }, synthetic: true },
        { type: "turn.ended", outcome: { status: "failed", error } },
      ]);
    }
  }

  #finish(
    outcome: TurnOutcome,
    { keepRequests, raw }: { keepRequests?: boolean; raw?: string } = {},
  ): void {
    const turn = this.#turn;
    if (!turn) return;
    if (keepRequests !== true) this.#requests.withdrawTurn(this.#closedBy);
    this.#recorder.closeItems();
    const duration_ms = Math.round(performance.now() - turn.startedAt);
    const metadata = { ...outcome, duration_ms };
    const data = { phase: "ended", turn_id: turn.id, metadata } as const;
    this.#recorder.record({ type: "turn.ended", data }, { ...SYNTHETIC, raw });
    this.#markStreamEnd();
    this.#turn = undefined;
    turn.markEnded();
    this.#hooks.onTurnEnded(metadata);
  }

  async #terminate(): Promise<void> {
    try {
      await this.#release();
    } finally {
      if (!this.#end) this.#close(TERMINATED);
    }
    await Promise.all(this.#tasks);
  }

  /** Ends every turn, and then the log. */
  #close(end: SessionEndedData): void {
    this.#end = end;
    this.#closedBy = "terminated";
    this.#finish(lastOutcome(end, this.#recorder.state.lastError));
    for (let turn = this.#queue.shift(); turn; turn = this.#queue.shift()) {
      this.#start(turn);
      this.#finish(INTERRUPTED);
    }
    this.#requests.withdrawAll("terminated");
    this.#recorder.closeItems();
    this.#recorder.record({ type: "session.ended", data: end });
    this.log.close();
  }

  async #release(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.[Symbol.asyncDispose]();
  }

  #markStreamEnd(): void {
    if (this.#turn) this.#turn.streamEnd ??= this.log.lastSequence;
  }

  /** A request is open: a stream of its turn ends here, and its deadline begins. */
  #attend({ id, background }: { id: string; background?: true }): void {
    const turn = background ? undefined : this.#turn;
    if (turn) this.#markStreamEnd();
    const { timeoutMs, onTimeout } = this.settings.interaction;
    if (!timeoutMs) return;
    this.#run(this.#expire(id, timeoutMs, onTimeout === "interrupt" ? turn : undefined));
  }

  /** Nobody has answered: the turn that asked is interrupted if it is given, else the answer is no. */
  async #expire(id: string, timeoutMs: number, turn: Turn | undefined): Promise<void> {
    if (!(await this.#requests.outlasts(id, timeoutMs))) return;
    if (turn && turn === this.#turn) {
      this.#closedBy = "timeout";
      await this.interrupt();
      if (!this.#termination) this.#closedBy = "interrupted";
    } else if (this.#requests.isPermission(id)) {
      await this.replyPermission(id, "reject", "timeout");
    } else {
      await this.replyQuestion(id, null, "timeout");
    }
  }

  #run(task: Promise<void>): void {
    const kept = task
      // What failed is known by its event or leaves the request open for a reply.
      .catch(() => undefined)
      .finally(() => this.#tasks.delete(kept));
    this.#tasks.add(kept);
  }

  #requireAgent(): AgentSession {
    if (this.#agent) return this.#agent;
    throw sessionEnded();
  }
}
