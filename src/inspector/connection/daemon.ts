import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { sleep } from "../../sdk/timers.ts";
import type { AgentInfo } from "../../schema/agent.ts";
import type { SessionInfo } from "../../schema/session.ts";
import { keep, type Settings } from "../address.ts";
import { RequestLog } from "../requests/request-log.ts";
import { PageClient } from "./client.ts";
import { goneSessions } from "./gone-sessions.ts";
import { connectionTrouble, mayPass, type Trouble } from "./trouble.ts";

/** How it stands with the daemon. */
export type ConnectionState =
  | { kind: "connecting" }
  | { kind: "connected" }
  /** It cannot be reached, and is asked again and again. */
  | { kind: "away"; since: number; trouble: Trouble }
  /** It answers, and something has to be done by the person. */
  | { kind: "refused"; trouble: Trouble };

const LOOK_MS = 1_500;
const HIDDEN_MS = 30_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 4_000;
const PATIENCE_MS = 10_000;

/** The daemon that the page asks, and what it has told. */
export class Daemon {
  readonly requests = new RequestLog();
  readonly #settings: Signal<Settings>;
  readonly #client: Signal<PageClient>;
  readonly #state = signal<ConnectionState>({ kind: "connecting" });
  readonly #sessions = signal<readonly SessionInfo[] | undefined>(undefined);
  readonly #agents = signal<readonly AgentInfo[] | undefined>(undefined);
  readonly #lookedAt = signal(Date.now());
  readonly #notice = signal<string | undefined>(undefined);
  readonly #origin: string;
  #stop = new AbortController();
  #nap = new AbortController();
  #retries = 0;
  #asked = 0;
  #told = 0;

  constructor(settings: Settings, origin: string) {
    this.#origin = origin;
    this.#settings = signal(settings);
    this.#client = signal(this.#clientFor(settings));
    void this.#watch(this.#stop.signal);
    document.addEventListener("visibilitychange", () => this.#nap.abort());
    addEventListener("online", () => this.#nap.abort());
  }

  get settings(): ReadonlySignal<Settings> {
    return this.#settings;
  }

  get client(): ReadonlySignal<PageClient> {
    return this.#client;
  }

  get state(): ReadonlySignal<ConnectionState> {
    return this.#state;
  }

  /** The newest first; undefined until they are known. While the daemon is away, those it had. */
  get sessions(): ReadonlySignal<readonly SessionInfo[] | undefined> {
    return this.#sessions;
  }

  get agents(): ReadonlySignal<readonly AgentInfo[] | undefined> {
    return this.#agents;
  }

  /** When it was last asked, in milliseconds since 1970. */
  get lookedAt(): ReadonlySignal<number> {
    return this.#lookedAt;
  }

  /** What has happened and should be known. */
  get notice(): ReadonlySignal<string | undefined> {
    return this.#notice;
  }

  dismissNotice(): void {
    this.#notice.value = undefined;
  }

  /** Asks this daemon from now on; the tab keeps how. */
  connect(settings: Settings): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    keep(sessionStorage, settings);
    this.#settings.value = settings;
    this.#client.value = this.#clientFor(settings);
    this.#state.value = { kind: "connecting" };
    this.#sessions.value = undefined;
    this.#agents.value = undefined;
    this.#notice.value = undefined;
    this.#retries = 0;
    void this.#watch(this.#stop.signal);
  }

  /** Asks at once instead of in a while. */
  lookNow(): void {
    this.#nap.abort();
  }

  /** Resolves when what is there now has been seen. */
  async refresh(): Promise<void> {
    await this.#look(this.#stop.signal);
  }

  async loadAgents(): Promise<void> {
    const { signal } = this.#stop;
    const { agents } = await this.#client.value.listAgents();
    if (!signal.aborted) this.#agents.value = agents;
  }

  #clientFor({ url, token, headers }: Settings): PageClient {
    return PageClient.of({ baseUrl: url, token, headers, fetch: this.requests.recording(url) });
  }

  /** Never rejects; ends when another daemon is asked. */
  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look(signal);
      this.#lookedAt.value = Date.now();
      this.#nap = new AbortController();
      const either = AbortSignal.any([signal, this.#nap.signal]);
      await sleep(this.#pauseMs(), either).catch(() => undefined);
    }
  }

  #pauseMs(): number {
    const { kind } = this.#state.value;
    if (kind === "refused" || document.hidden) return HIDDEN_MS;
    if (kind !== "away") return LOOK_MS;
    return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#retries++);
  }

  async #look(signal: AbortSignal): Promise<void> {
    const asked = ++this.#asked;
    try {
      const { sessions } = await inTime(this.#client.value.listSessions());
      if (signal.aborted || asked < this.#told) return;
      this.#told = asked;
      await this.#found(sessions);
    } catch (error) {
      if (signal.aborted || asked < this.#told) return;
      this.#told = asked;
      this.#failed(error);
    }
  }

  async #found(sessions: readonly SessionInfo[]): Promise<void> {
    const before = this.#sessions.value;
    const wasAway = this.#state.value.kind === "away";
    // Nothing is drawn anew where nothing is new.
    if (JSON.stringify(before) !== JSON.stringify(sessions)) this.#sessions.value = sessions;
    if (this.#state.value.kind === "connected") return;
    this.#state.value = { kind: "connected" };
    this.#retries = 0;
    if (wasAway && before) this.#notice.value = goneSessions(before, sessions);
    await this.loadAgents().catch(() => undefined);
  }

  #failed(error: unknown): void {
    const { url, token } = this.#settings.value;
    const hasToken = token !== undefined && token !== "";
    const trouble = connectionTrouble(error, { url, origin: this.#origin, hasToken });
    const state = this.#state.value;
    if (!mayPass(error)) this.#state.value = { kind: "refused", trouble };
    else if (state.kind === "away") this.#state.value = { ...state, trouble };
    else this.#state.value = { kind: "away", since: Date.now(), trouble };
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = sleep(PATIENCE_MS, done.signal).then(() => {
    throw new Error(`no answer in ${PATIENCE_MS} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    done.abort();
  }
}
