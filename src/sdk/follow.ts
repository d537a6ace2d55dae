import type { UniversalEvent } from "../schema/event.ts";
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
 * cannot be reached at first, or for longer than `giveUpAfterMs`, and when the signal is aborted.
 */
export async function* follow(
  connection: Connection,
  sessionId: string,
  query: EventsQuery = {},
  signal?: AbortSignal,
  { reconnect = true, giveUpAfterMs = GIVE_UP_MS }: FollowOptions = {},
): AsyncGenerator<UniversalEvent, void, void> {
  const health = new ConnectionHealth();
  let last = query.offset ?? 0;
  for (;;) {
    try {
      const events = open(connection, sessionId, { ...query, offset: last }, signal, health);
      for await (const event of events) {
        if (event.sequence <= last) continue;
        last = event.sequence;
        yield event;
        if (event.type === "session.ended") return;
      }
      if (!reconnect || (await isRead(connection, sessionId, last, signal))) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!reconnect || !health.wasOpen || !mayPass(error)) throw error;
      if (health.failingForMs() > giveUpAfterMs) throw error;
    }
    await sleep(health.pauseMs(), signal);
  }
}

async function* open(
  connection: Connection,
  sessionId: string,
  query: EventsQuery,
  signal: AbortSignal | undefined,
  health: ConnectionHealth,
): AsyncGenerator<UniversalEvent, void, void> {
  const idle = new IdleLimit(SILENCE_MS);
  const either = signal ? AbortSignal.any([signal, idle.signal]) : idle.signal;
  const at = path`/v1/sessions/${sessionId}/events/sse`;
  try {
    const response = await connection.stream("GET", at, { query, signal: either });
    health.opened();
    yield* readEvents(response, () => {
      idle.touch();
      health.opened();
    });
  } finally {
    idle.end();
  }
}

/** Whether a stream that ended without `session.ended` had nothing more to tell. */
async function isRead(
  connection: Connection,
  sessionId: string,
  last: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const at = path`/v1/sessions/${sessionId}`;
  const { ended, eventCount } = await connection.json<SessionInfo>("GET", at, { signal });
  return ended && eventCount <= last;
}

/** Whether it may be different a moment later: a proxy's answer, or none at all. */
function mayPass(error: unknown): boolean {
  if (error instanceof SandboxAgentError) return [408, 429, 502, 503, 504].includes(error.status);
  // What came was no JSON: it would be none the next time.
  return !(error instanceof SyntaxError);
}

/** How the connection fares, and how long to wait before the next. */
class ConnectionHealth {
  wasOpen = false;
  #pauses = 0;
  #lastSeen = Date.now();

  opened(): void {
    this.wasOpen = true;
    this.#pauses = 0;
    this.#lastSeen = Date.now();
  }

  failingForMs(): number {
    return Date.now() - this.#lastSeen;
  }

  /** Twice as long each time, and never for all clients at the same moment. */
  pauseMs(): number {
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#pauses++);
    return pause * (0.5 + Math.random() / 2);
  }
}
