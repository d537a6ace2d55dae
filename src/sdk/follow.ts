import type { EventsResponse, UniversalEvent } from "../schema/event.ts";
import type { SessionInfo } from "../schema/session.ts";
import { type Connection, path } from "./connection.ts";
import { SandboxAgentError } from "./error.ts";
import { readEvents } from "./event-stream.ts";
import { IdleLimit, sleep } from "./timers.ts";

/** The daemon sends a comment every 15 s: a connection that is silent for so long is a dead one. */
const SILENCE_MS = 45_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const GIVE_UP_MS = 60_000;

/** What to do when the connection breaks off. */
export interface FollowOptions {
  /** False: end with the first connection. Default: connect again after the last event that came. */
  reconnect?: boolean;
  /** Milliseconds after which a daemon that cannot be reached any more is an error; default 60,000. */
  giveUpAfterMs?: number;
  /**
   * Milliseconds without a byte after which a connection is taken for dead; default 45,000. The daemon
   * sends at least a comment every 15,000.
   */
  silenceMs?: number;
}

/** Which events: those after `offset`, with the agent's own messages where `includeRaw` is true. */
export interface EventsQuery {
  offset?: number | null;
  limit?: number | null;
  includeRaw?: boolean | null;
  include_raw?: boolean | null;
}

/**
 * The events of a session, each once and in order, until `session.ended`: also over connections that
 * break off. Throws where the daemon refuses (`session_not_found`, `events_expired`, …), where it
 * cannot be reached at first, or for longer than `giveUpAfterMs`, when the signal is aborted, and where
 * another session has got the id while the connection was away.
 */
export async function* follow(
  connection: Connection,
  sessionId: string,
  query: EventsQuery = {},
  signal?: AbortSignal,
  options: FollowOptions = {},
): AsyncGenerator<UniversalEvent, void, void> {
  const { reconnect = true, giveUpAfterMs = GIVE_UP_MS, silenceMs = SILENCE_MS } = options;
  const health = new ConnectionHealth();
  const read = { connection, sessionId, signal, silenceMs, health };
  let last = query.offset ?? 0;
  let newest: UniversalEvent | undefined;
  for (;;) {
    try {
      if (newest) await requireSame(read, newest);
      for await (const event of open(read, { ...query, offset: last })) {
        if (event.sequence <= last) continue;
        last = event.sequence;
        newest = event;
        yield event;
        if (event.type === "session.ended") return;
      }
      if (!reconnect || (await isRead(read, last))) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!reconnect || !health.wasOpen || !mayPass(error)) throw error;
      if (health.hasFailedFor(giveUpAfterMs)) throw error;
    }
    await sleep(health.pauseMs(), signal);
  }
}

/** Whose events are read, and how the connection fares. */
interface Reading {
  connection: Connection;
  sessionId: string;
  signal: AbortSignal | undefined;
  silenceMs: number;
  health: ConnectionHealth;
}

async function* open(
  { connection, sessionId, signal, silenceMs, health }: Reading,
  query: EventsQuery,
): AsyncGenerator<UniversalEvent, void, void> {
  const idle = new IdleLimit(silenceMs);
  const at = path`/v1/sessions/${sessionId}/events/sse`;
  try {
    const either = eitherOf(signal, idle.signal);
    const response = await connection.stream("GET", at, { query, signal: either });
    health.opened();
    const events = readEvents(response, () => {
      idle.touch();
      health.heard();
    });
    for await (const event of events) {
      // Whoever takes his time with an event is not the connection's silence.
      idle.end();
      yield event;
      idle.touch();
    }
  } finally {
    idle.end();
  }
}

/** Whether a stream that ended without `session.ended` had nothing more to tell. */
async function isRead(
  { connection, sessionId, signal, silenceMs }: Reading,
  last: number,
): Promise<boolean> {
  const either = eitherOf(signal, AbortSignal.timeout(silenceMs));
  const at = path`/v1/sessions/${sessionId}`;
  const { ended, eventCount } = await connection.json<SessionInfo>("GET", at, { signal: either });
  return ended && eventCount <= last;
}

/** Throws where the event that came last is another now: the session was deleted and created anew. */
async function requireSame(
  { connection, sessionId, signal, silenceMs }: Reading,
  { sequence, event_id, time }: UniversalEvent,
): Promise<void> {
  const either = eitherOf(signal, AbortSignal.timeout(silenceMs));
  const at = path`/v1/sessions/${sessionId}/events`;
  const query = { offset: sequence - 1, limit: 1 };
  try {
    const { events } = await connection.json<EventsResponse>("GET", at, { query, signal: either });
    const [found] = events;
    if (found?.event_id === event_id && found.time === time) return;
  } catch (error) {
    // It is no longer kept; whether what follows it is, the stream will tell.
    if (error instanceof SandboxAgentError && error.status === 410) return;
    throw error;
  }
  throw new SessionReplacedError(sessionId);
}

/** Of the session that was followed there is nothing more to come. */
class SessionReplacedError extends Error {
  constructor(sessionId: string) {
    super(`session ${sessionId} was deleted, and another has its id: follow that one anew`);
  }
}

/** A signal that is aborted when one of two is. */
export function eitherOf(signal: AbortSignal | undefined, limit: AbortSignal): AbortSignal {
  return signal ? AbortSignal.any([signal, limit]) : limit;
}

/** Whether it may be different a moment later: a proxy's answer, or none at all. */
function mayPass(error: unknown): boolean {
  if (error instanceof SandboxAgentError) return [408, 429, 502, 503, 504].includes(error.status);
  // What came was no JSON: it would be none the next time.
  return !(error instanceof SyntaxError || error instanceof SessionReplacedError);
}

/** How the connection fares, and how long to wait before the next. */
class ConnectionHealth {
  wasOpen = false;
  #pauses = 0;
  #failingSince: number | undefined;

  opened(): void {
    this.wasOpen = true;
    this.#failingSince = undefined;
  }

  /** Only what came of a connection shows that the next need not wait. */
  heard(): void {
    this.#pauses = 0;
  }

  /** Called at each failure: whether none has been opened since the first for so long. */
  hasFailedFor(ms: number): boolean {
    this.#failingSince ??= performance.now();
    return performance.now() - this.#failingSince > ms;
  }

  /** Twice as long each time, and never for all clients at the same moment. */
  pauseMs(): number {
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#pauses++);
    return pause * (0.5 + Math.random() / 2);
  }
}
