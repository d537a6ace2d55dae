import type { UniversalEvent } from "../schema/event.ts";
import { parseEvents, parseSessions } from "./rows.ts";
import type {
  EventStore,
  Gap,
  PageOptions,
  SessionFilter,
  SessionKey,
  SessionRecord,
  StoredSession,
} from "./store.ts";

/** The tables, which are made where they are missing, in the first schema of the search path. */
export const postgresSchema = `
CREATE TABLE IF NOT EXISTS agent_sessions (
  source      text NOT NULL,
  session_id  text NOT NULL,
  created_at  bigint NOT NULL,
  agent       text NOT NULL,
  model       text,
  directory   text,
  title       text,
  PRIMARY KEY (source, session_id, created_at)
);

CREATE TABLE IF NOT EXISTS agent_events (
  source      text NOT NULL,
  session_id  text NOT NULL,
  created_at  bigint NOT NULL,
  sequence    bigint NOT NULL,
  event_id    text NOT NULL,
  time        timestamptz NOT NULL,
  type        text NOT NULL,
  data        jsonb NOT NULL,
  event       json NOT NULL,
  PRIMARY KEY (source, session_id, created_at, sequence),
  FOREIGN KEY (source, session_id, created_at) REFERENCES agent_sessions ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS agent_event_gaps (
  source          text NOT NULL,
  session_id      text NOT NULL,
  created_at      bigint NOT NULL,
  first_sequence  bigint NOT NULL,
  last_sequence   bigint NOT NULL,
  PRIMARY KEY (source, session_id, created_at, first_sequence),
  FOREIGN KEY (source, session_id, created_at) REFERENCES agent_sessions ON DELETE CASCADE
);
`;

/** Any number, but always the same: two that make the tables at once would be in each other's way. */
const SCHEMA_LOCK = 7_263_529_104;

/** What is asked of a client: `pg`'s Pool, or whatever has this method of it. */
export interface PostgresQueryable {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

const whichSession = "source = $1 AND session_id = $2 AND created_at = $3";

/**
 * Keeps sessions in PostgreSQL. Every append is one statement, and so one transaction. Give it a Pool
 * (which connects again when the server was away) of your own, or the URL of the database, for which
 * `pg` must be installed.
 */
export class PostgresStore implements EventStore, AsyncDisposable {
  readonly #given: PostgresQueryable | string;
  #opened: Promise<PostgresQueryable> | undefined;
  #pool: (PostgresQueryable & { end(): Promise<void> }) | undefined;

  constructor(database: PostgresQueryable | string) {
    this.#given = database;
  }

  async openSession(session: SessionRecord): Promise<number> {
    const { agent, model, directory, title } = session;
    const key = keyOf(session);
    await this.#query(
      `INSERT INTO agent_sessions (source, session_id, created_at, agent, model, directory, title)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [...key, agent, model, directory, title],
    );
    const [stored] = await this.#sessions(whichSession, key);
    return stored?.lastSequence ?? 0;
  }

  async append(session: SessionKey, events: readonly UniversalEvent[], gap?: Gap): Promise<void> {
    const columns = [
      events.map(({ sequence }) => sequence),
      events.map(({ event_id }) => event_id),
      events.map(({ time }) => time),
      events.map(({ type }) => type),
      events.map(({ data }) => storable(JSON.stringify(data))),
      events.map((event) => JSON.stringify(event)),
    ];
    await this.#query(
      `WITH gap AS (
         INSERT INTO agent_event_gaps
         SELECT $1, $2, $3::bigint, $10::bigint, $11::bigint WHERE $10::bigint IS NOT NULL
       )
       INSERT INTO agent_events
         (source, session_id, created_at, sequence, event_id, time, type, data, event)
       SELECT $1, $2, $3::bigint, e.*
       FROM unnest($4::bigint[], $5::text[], $6::timestamptz[], $7::text[], $8::jsonb[], $9::json[])
         AS e (sequence, event_id, time, type, data, event)
       ORDER BY e.sequence
       ON CONFLICT (source, session_id, created_at, sequence) DO NOTHING`,
      [...keyOf(session), ...columns, gap?.firstSequence ?? null, gap?.lastSequence ?? null],
    );
  }

  async events(session: SessionKey, options: PageOptions = {}): Promise<UniversalEvent[]> {
    const { after = 0, limit = null } = options;
    const rows = await this.#query(
      `SELECT event::text AS event FROM agent_events WHERE ${whichSession} AND sequence > $4
       ORDER BY sequence LIMIT $5`,
      [...keyOf(session), after, limit],
    );
    return parseEvents(rows);
  }

  sessions({ source, sessionId }: SessionFilter = {}): Promise<StoredSession[]> {
    return this.#sessions(
      "source = coalesce($1::text, source) AND session_id = coalesce($2::text, session_id)",
      [source ?? null, sessionId ?? null],
    );
  }

  /** Whether the server was away, is busy or full, or another consumer was faster. */
  mayPass(error: unknown): boolean {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // Without one it is the client's own word, that the connection broke off or took too long.
    if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return !isNotFound(code);
    return /^(08|25006|40|53|55|57|58|23505)/.test(code);
  }

  /** Closes the connections that it has made itself. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    this.#opened = undefined;
    await pool?.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #sessions(where: string, values: unknown[]): Promise<StoredSession[]> {
    const rows = await this.#query(
      `SELECT source, session_id, created_at, agent, model, directory, title,
         (SELECT max(sequence) FROM agent_events
            WHERE (source, session_id, created_at) = (s.source, s.session_id, s.created_at)
         ) AS last_event,
         coalesce((SELECT type = 'session.ended' FROM agent_events
            WHERE (source, session_id, created_at) = (s.source, s.session_id, s.created_at)
            ORDER BY sequence DESC LIMIT 1), false) AS ended,
         (SELECT coalesce(json_agg(json_build_array(first_sequence, last_sequence)
            ORDER BY first_sequence), '[]') FROM agent_event_gaps
            WHERE (source, session_id, created_at) = (s.source, s.session_id, s.created_at)
         )::text AS gaps
       FROM agent_sessions AS s WHERE ${where} ORDER BY created_at DESC`,
      values,
    );
    return parseSessions(rows);
  }

  async #query(text: string, values: unknown[]): Promise<unknown[]> {
    this.#opened ??= this.#open();
    let opened: PostgresQueryable;
    try {
      opened = await this.#opened;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
    const { rows } = await opened.query(text, values);
    return rows;
  }

  /** The client, when the tables are there. */
  async #open(): Promise<PostgresQueryable> {
    const client = typeof this.#given === "string" ? await this.#ownPool(this.#given) : this.#given;
    const { rows } = await client.query(
      "SELECT 1 WHERE to_regclass('agent_events') IS NULL OR to_regclass('agent_event_gaps') IS NULL",
    );
    // One statement, and so one transaction.
    if (rows.length > 0) {
      await client.query(
        `DO $$ BEGIN PERFORM pg_advisory_xact_lock(${SCHEMA_LOCK}); ${postgresSchema} END $$`,
      );
    }
    return client;
  }

  async #ownPool(connectionString: string): Promise<PostgresQueryable> {
    if (this.#pool) return this.#pool;
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({
      connectionString,
      connectionTimeoutMillis: 10_000,
      query_timeout: 30_000,
      keepAlive: true,
    });
    // An idle connection that breaks off is no error: the next query makes a new one.
    pool.on("error", () => undefined);
    this.#pool = pool;
    return pool;
  }
}

function keyOf({ source, sessionId, createdAt }: SessionKey): [string, string, number] {
  return [source, sessionId, createdAt];
}

/** What `jsonb` cannot hold becomes U+FFFD: NUL and halves of surrogate pairs. `event` is exact. */
function storable(json: string): string {
  return json.replaceAll(/\\(?:u(?:0000|d[89a-f][0-9a-f]{2})|.)/g, (escape) =>
    escape.length === 6 ? "\\ufffd" : escape,
  );
}

/** The package `pg` is not installed. */
function isNotFound(code: unknown): boolean {
  return code === "ERR_MODULE_NOT_FOUND";
}
