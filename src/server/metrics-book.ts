import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Sessions } from "../sessions/sessions.ts";
import type { InstallObservation, RequestObservation, TurnObservation } from "./metrics.ts";

const REQUEST_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];
const INSTALL_SECONDS = [1, 2, 5, 10, 30, 60, 120, 300];
const TURN_SECONDS = [0.5, 2, 5, 15, 60, 300, 1_200, 3_600];

/** Codes of errors that are told apart; an agent may come up with any. */
const MAX_CODES = 50;

/** What goes on at the moment of a reading. */
export interface Present {
  sessions: Sessions;
  openStreams: number;
  streamLimit: number;
  connections: number;
  connectionLimit: number;
  requestsInFlight: number;
  /** Processes that run, by agent. */
  processes: ReadonlyMap<string, number>;
  /** How often the server that sessions share was started again, by agent. */
  restarts: ReadonlyMap<string, number>;
  /** Lines of the log that stderr did not take. */
  droppedLogLines: number;
  version: string;
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
  readonly #installs = this.#histogram({
    name: "sandbox_agent_install_duration_seconds",
    help: "Downloads of agents that are over, by agent and by how they ended.",
    labelNames: ["agent", "outcome"],
    buckets: INSTALL_SECONDS,
  });
  readonly #build = this.#gauge("build_info", "1, with what runs here.", [
    "version",
    "runtime",
    "runtime_version",
  ]);
  readonly #turnStarts = this.#counter("turns_started_total", "Turns that have begun.", ["agent"]);
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
  readonly #droppedEvents = this.#counter(
    "events_dropped_total",
    "Events dropped to keep the memory budget.",
  );
  readonly #droppedBytes = this.#counter(
    "event_bytes_dropped_total",
    "Memory of the events dropped to keep the budget.",
  );
  readonly #processes = this.#gauge("agent_processes", "Processes of agents that run.", ["agent"]);
  readonly #processStarts = this.#counter(
    "agent_processes_started_total",
    "Processes that sessions have started.",
    ["agent"],
  );
  readonly #crashes = this.#counter(
    "agent_processes_crashed_total",
    "Processes of agents that have ended unasked, and not well.",
    ["agent"],
  );
  readonly #restarts = this.#counter(
    "agent_server_restarts_total",
    "Starts of the server that an agent's sessions share, after it had died.",
    ["agent"],
  );
  readonly #inFlight = this.#gauge("http_requests_in_flight", "Requests that are being answered.");
  readonly #sessions = this.#gauge("sessions", "Sessions there are, ended ones too.", [
    "agent",
    "status",
  ]);
  readonly #queued = this.#gauge("queued_messages", "Messages that wait for a turn.");
  readonly #pending = this.#gauge("pending_requests", "What waits for an answer.", ["kind"]);
  readonly #streams = this.#gauge("event_streams", "Event streams that are open.");
  readonly #streamLimit = this.#gauge("event_streams_limit", "Event streams that may be open.");
  readonly #connections = this.#gauge("http_connections", "Connections that are open.");
  readonly #connectionLimit = this.#gauge(
    "http_connections_limit",
    "Connections that may be open.",
  );
  readonly #buffer = this.#gauge("event_buffer_bytes", "Memory that events take.");
  readonly #budget = this.#gauge("event_buffer_budget_bytes", "Memory that events may take.");

  readonly #droppedLogLines = this.#counter(
    "log_lines_dropped_total",
    "Lines of the log that were dropped because stderr did not take them.",
  );

  readonly #codes = new Set<string>();

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
    if (code !== undefined) this.#failures.inc({ agent, code: this.#bounded(code) });
    this.#tokens.inc({ agent, direction: "input" }, inputTokens);
    this.#tokens.inc({ agent, direction: "output" }, outputTokens);
    this.#cost.inc({ agent }, costUsd);
  }

  addTurnStart(agent: string): void {
    this.#turnStarts.inc({ agent });
  }

  addProcess(agent: string): void {
    this.#processStarts.inc({ agent });
  }

  addCrash(agent: string): void {
    this.#crashes.inc({ agent });
  }

  addInstall({ agent, outcome, seconds }: InstallObservation): void {
    this.#installs.observe({ agent, outcome }, seconds);
  }

  /** Everything, as of now. */
  async read({ sessions, openStreams, ...present }: Present): Promise<string> {
    const { bun } = process.versions;
    const runtime = bun === undefined ? "node" : "bun";
    this.#build.set(
      { version: present.version, runtime, runtime_version: bun ?? process.versions.node },
      1,
    );
    this.#inFlight.set(present.requestsInFlight);
    for (const [agent, count] of present.processes) this.#processes.set({ agent }, count);
    this.#restarts.reset();
    for (const [agent, count] of present.restarts) this.#restarts.inc({ agent }, count);
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
    const { dropped } = sessions.buffer;
    this.#droppedEvents.reset();
    this.#droppedEvents.inc(dropped.events);
    this.#droppedBytes.reset();
    this.#droppedBytes.inc(dropped.bytes);
    this.#droppedLogLines.reset();
    this.#droppedLogLines.inc(present.droppedLogLines);
    this.#streams.set(openStreams);
    this.#streamLimit.set(present.streamLimit);
    this.#connections.set(present.connections);
    this.#connectionLimit.set(present.connectionLimit);
    this.#buffer.set(sessions.buffer.usedBytes);
    this.#budget.set(sessions.buffer.budgetBytes);
    return await this.#registry.metrics();
  }

  /** A code that is told, few of them in all. */
  #bounded(code: string): string {
    if (this.#codes.size < MAX_CODES && /^[\w.-]{1,40}$/.test(code)) this.#codes.add(code);
    return this.#codes.has(code) ? code : "other";
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
