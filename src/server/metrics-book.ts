import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Sessions } from "../sessions/sessions.ts";
import type { RequestObservation, TurnObservation } from "./metrics.ts";

const REQUEST_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];
const TURN_SECONDS = [0.5, 2, 5, 15, 60, 300, 1_200, 3_600];

/** What goes on at the moment of a reading. */
export interface Present {
  sessions: Sessions;
  openStreams: number;
}

/** The daemon's metrics, in the text format of Prometheus. */
export class MetricsBook {
  readonly #registry = new Registry();
  readonly #requests = this.#histogram({
    name: "sandbox_agent_http_request_duration_seconds",
    help: "Requests that are over, by route; a stream's is how long it was open.",
    labelNames: ["method", "route", "status"],
    buckets: REQUEST_SECONDS,
  });
  readonly #turns = this.#histogram({
    name: "sandbox_agent_turn_duration_seconds",
    help: "Turns that have ended, by agent and by how they ended.",
    labelNames: ["agent", "status"],
    buckets: TURN_SECONDS,
  });
  readonly #failures = this.#counter("turn_failures_total", "Failed turns, by the error's code.", [
    "agent",
    "code",
  ]);
  readonly #tokens = this.#counter("tokens_total", "Tokens, as the agents count them.", [
    "agent",
    "direction",
  ]);
  readonly #cost = this.#counter("cost_usd_total", "US dollars, as the agents reckon them.", [
    "agent",
  ]);
  readonly #events = this.#counter("events_total", "Events recorded.");
  readonly #sessions = this.#gauge("sessions", "Sessions there are, ended ones too.", [
    "agent",
    "status",
  ]);
  readonly #queued = this.#gauge("queued_messages", "Messages that wait for a turn.");
  readonly #pending = this.#gauge("pending_requests", "What waits for an answer.", ["kind"]);
  readonly #streams = this.#gauge("event_streams", "Event streams that are open.");
  readonly #buffer = this.#gauge("event_buffer_bytes", "Memory that events take.");
  readonly #budget = this.#gauge("event_buffer_budget_bytes", "Memory that events may take.");

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  addRequest({ method, route, status, seconds }: RequestObservation): void {
    this.#requests.observe({ method, route, status }, seconds);
  }

  addTurn(turn: TurnObservation): void {
    const { agent, status, seconds, code, inputTokens, outputTokens, costUsd } = turn;
    this.#turns.observe({ agent, status }, seconds);
    if (code !== undefined) this.#failures.inc({ agent, code });
    this.#tokens.inc({ agent, direction: "input" }, inputTokens);
    this.#tokens.inc({ agent, direction: "output" }, outputTokens);
    this.#cost.inc({ agent }, costUsd);
  }

  /** Everything, as of now. */
  async read({ sessions, openStreams }: Present): Promise<string> {
    for (const gauge of [this.#sessions, this.#queued, this.#pending]) gauge.reset();
    this.#queued.set(0);
    for (const kind of ["permission", "question"]) this.#pending.set({ kind }, 0);
    for (const { info } of sessions.list()) {
      const { agent, status, queuedMessages, pendingPermissions, pendingQuestions } = info;
      this.#sessions.inc({ agent, status });
      this.#queued.inc(queuedMessages);
      this.#pending.inc({ kind: "permission" }, pendingPermissions.length);
      this.#pending.inc({ kind: "question" }, pendingQuestions.length);
    }
    this.#events.reset();
    this.#events.inc(sessions.eventsRecorded);
    this.#streams.set(openStreams);
    this.#buffer.set(sessions.buffer.usedBytes);
    this.#budget.set(sessions.buffer.budgetBytes);
    return await this.#registry.metrics();
  }

  #histogram<L extends string>(of: {
    name: string;
    help: string;
    labelNames: L[];
    buckets: number[];
  }): Histogram<L> {
    return new Histogram({ ...of, registers: [this.#registry] });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    const registers = [this.#registry];
    return new Counter({ name: `sandbox_agent_${name}`, help, labelNames, registers });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
    const registers = [this.#registry];
    return new Gauge({ name: `sandbox_agent_${name}`, help, labelNames, registers });
  }
}
