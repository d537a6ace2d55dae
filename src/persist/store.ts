import type { UniversalEvent } from "../schema/event.ts";

/**
 * Which session. An id alone does not say: it is free again when its session is deleted or its daemon
 * restarted, and every daemon has ids of its own. So a session is also named by the moment at which
 * it was created, and by where, if sessions of several daemons are kept in one store.
 */
export interface SessionKey {
  /** Your name of the daemon or sandbox; `""` where there is only one. */
  readonly source: string;
  readonly sessionId: string;
  /** Milliseconds since 1970, as the daemon tells it. */
  readonly createdAt: number;
}

/** A session as it is noted in a store when its first event is about to come. */
export interface SessionRecord extends SessionKey {
  readonly agent: string;
  readonly model: string | null;
  readonly directory: string | null;
  readonly title: string | null;
}

/** Events that the daemon no longer had when they were asked for: both ends are lost. */
export interface Gap {
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** What a store holds of a session. */
export interface StoredSession extends SessionRecord {
  /** Up to which sequence it is stored; 0: nothing yet. */
  readonly lastSequence: number;
  /** Whether its last event is `session.ended`. */
  readonly ended: boolean;
  /** What is missing, because the store was away for too long and you asked to go on; mostly empty. */
  readonly gaps: readonly Gap[];
}

/** Which sessions: what is not given does not matter. */
export interface SessionFilter {
  readonly source?: string;
  readonly sessionId?: string;
}

/** Which events: those after a sequence, at most so many. */
export interface PageOptions {
  readonly after?: number;
  readonly limit?: number;
}

/**
 * Where sessions are kept. Whoever implements it promises: what has been appended is there after a
 * crash; an append is there as a whole or not at all; what is there already is left as it is. Then
 * no event is lost or doubled, whoever crashes, and also when two follow the same session.
 */
export interface EventStore {
  /**
   * Notes a session unless it is known, and gives the sequence up to which it is stored: of its last
   * event, or of the end of its last gap; 0: nothing yet.
   */
  openSession(session: SessionRecord): Promise<number>;
  /**
   * Adds events of one session, in the order of their sequences; those that are there are left out.
   * A gap before the first of them is noted in the same transaction (there may be no event behind it);
   * which fails where a gap that
   * begins at the same sequence is noted already: somebody else was faster.
   */
  append(session: SessionKey, events: readonly UniversalEvent[], gap?: Gap): Promise<void>;
  /** A page of the events of a session, in order. */
  events(session: SessionKey, options?: PageOptions): Promise<UniversalEvent[]>;
  /** The sessions, the newest first. */
  sessions(filter?: SessionFilter): Promise<StoredSession[]>;
  /** Whether an error of this store may be gone a moment later. Without it, every error may. */
  mayPass?(error: unknown): boolean;
}
