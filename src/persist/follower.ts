import { setTimeout as sleep } from "node:timers/promises";
import type { UniversalEvent } from "../schema/event.ts";
import type { SessionInfo } from "../schema/session.ts";
import type { SandboxAgentClient } from "../sdk/client.ts";
import { batches } from "./batches.ts";
import { Patience } from "./patience.ts";
import { PersistError } from "./persist-error.ts";
import { isRefusal, mayPass } from "./refusal.ts";
import type { EventStore, Gap, SessionKey } from "./store.ts";
import { storedEvents } from "./stored-events.ts";

const GIVE_UP_MS = 60_000;
const MAX_EVENTS = 200;
const MAX_CHARACTERS = 4 << 20;

/** What is asked of the daemon. */
export type FollowedClient = Pick<SandboxAgentClient, "getSession" | "streamEvents">;

/** How to follow a session into a store. */
export interface FollowIntoOptions {
  /** Your name of the daemon, where sessions of several are kept in one store. */
  source?: string;
  /** Keep the agent's own messages too. */
  includeRaw?: boolean;
  /**
   * What to do when the daemon has dropped events that are not stored yet: `throw` (the default), or
   * `skip` them, noting the gap in the store.
   */
  onExpired?: "throw" | "skip";
  /** Milliseconds after which a daemon or a store that stays away is an error; default 60,000. */
  giveUpAfterMs?: number;
  /** How many events are stored at once, at most; default 200. */
  maxBatchEvents?: number;
  signal?: AbortSignal;
}

/**
 * Follows one session into a store. All that it must remember is in the store: after any failure it
 * asks the store for its last event and begins anew behind that.
 */
export class Follower {
  readonly #client: FollowedClient;
  readonly #store: EventStore;
  readonly #sessionId: string;
  readonly #options: FollowIntoOptions;
  readonly #patience: Patience;
  #key: SessionKey | undefined;
  /** The last event in the store. */
  #last = 0;
  /** The last event that was given to the caller; undefined: begin with those that are new. */
  #given: number | undefined;
  /** To be noted with the next events. */
  #gap: Gap | undefined;

  constructor(
    client: FollowedClient,
    sessionId: string,
    store: EventStore,
    options: FollowIntoOptions & { after?: number },
  ) {
    this.#client = client;
    this.#sessionId = sessionId;
    this.#store = store;
    this.#options = options;
    this.#patience = new Patience(options.giveUpAfterMs ?? GIVE_UP_MS);
    this.#given = options.after;
  }

  /** Which session it is, once `run` has come to its end. */
  get key(): SessionKey {
    if (this.#key) return this.#key;
    throw new Error(`session ${this.#sessionId} was not found yet`);
  }

  /** Gives events as soon as they are stored, until `session.ended` is; each once, over all failures. */
  async *run(): AsyncGenerator<UniversalEvent[]> {
    const { signal } = this.#options;
    for (;;) {
      let pause: number | undefined;
      try {
        if (yield* this.#attempt()) return;
        pause = this.#patience.pauseMs();
        if (pause === undefined) throw new Error("the stream of events always ends at once");
      } catch (error) {
        signal?.throwIfAborted();
        if (this.#skips(error)) continue;
        if (!this.#mayPass(error)) throw error;
        pause ??= this.#patience.pauseMs();
        if (pause === undefined) throw error;
      }
      await sleep(pause, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
    }
  }

  /** One connection; gives whether nothing more can come. */
  async *#attempt(): AsyncGenerator<UniversalEvent[], boolean> {
    const session = await this.#find();
    const key = this.#keyOf(session);
    this.#last = session.lastSequence;
    yield* this.#catchUp(key);
    if (this.#gap && this.#gap.firstSequence !== this.#last + 1) this.#gap = undefined;
    if (session.isEnded && this.#gap?.lastSequence === session.eventCount) {
      await this.#append(key, []);
    }
    if (session.isEnded && session.eventCount <= this.#last) return true;
    const connectedAt = performance.now();
    try {
      return yield* this.#connection(key);
    } finally {
      this.#patience.restoreAfter(performance.now() - connectedAt);
    }
  }

  /** What daemon and store know of the session. */
  async #find(): Promise<Found> {
    const sessionId = this.#sessionId;
    const { source = "" } = this.#options;
    try {
      const info = await this.#client.getSession(sessionId);
      const { createdAt, agent, model, directory, title } = info;
      this.#keyOf(info);
      const record = { source, sessionId, createdAt, agent, model, directory, title };
      const lastSequence = await this.#inStore(() => this.#store.openSession(record));
      return { createdAt, lastSequence, isEnded: info.ended, eventCount: info.eventCount };
    } catch (error) {
      if (!isRefusal(error) || error.status !== 404) throw error;
      // That the daemon knows it no more is all right if its end is stored.
      const found = await this.#inStore(() => this.#store.sessions({ source, sessionId }));
      const wanted = this.#key?.createdAt ?? found[0]?.createdAt;
      const stored = found.find(({ createdAt }) => createdAt === wanted);
      if (stored?.ended !== true) throw error;
      return { ...stored, isEnded: true, eventCount: stored.lastSequence };
    }
  }

  /** Which session this is about: the one of this id that was there first. */
  #keyOf({ createdAt }: Pick<SessionInfo, "createdAt">): SessionKey {
    const { source = "" } = this.#options;
    this.#key ??= { source, sessionId: this.#sessionId, createdAt };
    if (this.#key.createdAt === createdAt) return this.#key;
    const message = `session ${this.#sessionId} was deleted and created anew; what came after event ${this.#last} of the old one is lost. Begin anew to follow the new one.`;
    throw new PersistError("session_replaced", message);
  }

  async *#connection(key: SessionKey): AsyncGenerator<UniversalEvent[], boolean> {
    const { signal, includeRaw = false, maxBatchEvents = MAX_EVENTS } = this.#options;
    const leaving = new AbortController();
    const either = signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal;
    const query = { offset: this.#gap?.lastSequence ?? this.#last, includeRaw };
    const events = this.#client.streamEvents(this.#sessionId, query, either, { reconnect: false });
    try {
      const limits = { maxEvents: maxBatchEvents, maxCharacters: MAX_CHARACTERS };
      let isSame = false;
      for await (const batch of batches(events, limits)) {
        // A connection is to one session. It is to ours if ours is still there after it was made.
        if (!isSame) this.#keyOf(await this.#client.getSession(this.#sessionId));
        isSame = true;
        await this.#append(key, batch);
        yield batch;
        if (batch.at(-1)?.type === "session.ended") return true;
      }
      return false;
    } finally {
      leaving.abort();
      await events.return(undefined);
    }
  }

  async #append(key: SessionKey, batch: UniversalEvent[]): Promise<void> {
    let last = this.#gap?.lastSequence ?? this.#last;
    for (const { sequence } of batch) {
      if (sequence !== last + 1) {
        const message = `after event ${last} of session ${this.#sessionId} came ${sequence}`;
        throw new PersistError("out_of_order", message);
      }
      last = sequence;
    }
    await this.#inStore(() => this.#store.append(key, batch, this.#gap));
    this.#gap = undefined;
    this.#last = last;
    this.#given = last;
    this.#patience.restore();
  }

  /** Gives what is in the store and has not been given: by a commit of which no answer came, or by others. */
  async *#catchUp(key: SessionKey): AsyncGenerator<UniversalEvent[]> {
    this.#given ??= this.#last;
    if (this.#given >= this.#last) return;
    const store = {
      events: (...page: Parameters<EventStore["events"]>) =>
        this.#inStore(() => this.#store.events(...page)),
    };
    for await (const event of storedEvents(store, key, { after: this.#given })) {
      if (event.sequence > this.#last) return;
      this.#given = event.sequence;
      yield [event];
    }
  }

  async #inStore<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const message = `the store failed: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new PersistError("store_failed", message, { cause });
    }
  }

  #mayPass(error: unknown): boolean {
    if (!(error instanceof PersistError)) return mayPass(error);
    return error.code === "store_failed" && (this.#store.mayPass?.(error.cause) ?? true);
  }

  /** Whether an error is that events have expired and may be left out; throws where they may not. */
  #skips(error: unknown): boolean {
    if (!isRefusal(error) || error.status !== 410) return false;
    const next = error.problem?.firstSequence;
    if (next === undefined || next <= (this.#gap?.lastSequence ?? this.#last) + 1) return false;
    const missing = { firstSequence: this.#last + 1, lastSequence: next - 1 };
    if (this.#options.onExpired !== "skip") {
      const message = `events ${missing.firstSequence} to ${missing.lastSequence} of session ${this.#sessionId} are lost: the daemon has dropped them before they were stored`;
      throw new PersistError("events_expired", message, { missing, cause: error });
    }
    this.#gap = missing;
    return true;
  }
}

interface Found {
  createdAt: number;
  lastSequence: number;
  isEnded: boolean;
  eventCount: number;
}
