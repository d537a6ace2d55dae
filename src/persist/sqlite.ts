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

/** The tables, which are made where they are missing. */
export const sqliteSchema = `
CREATE TABLE IF NOT EXISTS agent_sessions (
  source      TEXT NOT NULL,
  session_id  TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  agent       TEXT NOT NULL,
  model       TEXT,
  directory   TEXT,
  title       TEXT,
  PRIMARY KEY (source, session_id, created_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS agent_events (
  source      TEXT NOT NULL,
  session_id  TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  sequence    INTEGER NOT NULL,
  event_id    TEXT NOT NULL,
  time        TEXT NOT NULL,
  type        TEXT NOT NULL,
  event       TEXT NOT NULL,
  data        TEXT GENERATED ALWAYS AS (json_extract(event, '$.data')) VIRTUAL,
  PRIMARY KEY (source, session_id, created_at, sequence),
  FOREIGN KEY (source, session_id, created_at) REFERENCES agent_sessions ON DELETE CASCADE
) STRICT;

CREATE TABLE IF NOT EXISTS agent_event_gaps (
  source          TEXT NOT NULL,
  session_id      TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  first_sequence  INTEGER NOT NULL,
  last_sequence   INTEGER NOT NULL,
  PRIMARY KEY (source, session_id, created_at, first_sequence),
  FOREIGN KEY (source, session_id, created_at) REFERENCES agent_sessions ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
`;

/** Another process may be writing for so long. */
const BUSY_MS = 5_000;
/** SQLITE_BUSY, LOCKED, IOERR, FULL: in the low byte of a code. */
const PASSING = [5, 6, 10, 13];
/** SQLITE_CONSTRAINT_PRIMARYKEY: somebody else noted the same gap. */
const WAS_FIRST = 1555;

const whichSession = "source = ? AND session_id = ? AND created_at = ?";

/** What `node:sqlite` and `bun:sqlite` have in common. */
interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): { run(...values: Value[]): unknown; all(...values: Value[]): unknown[] };
  close(): void;
}
type Value = string | number | null;

/** Keeps sessions in one file, with the SQLite that is part of the runtime: Node's, or Bun's. */
export class SqliteStore implements EventStore, AsyncDisposable {
  readonly #path: string;
  #database: Promise<Database> | undefined;

  /** The file is made when it is missing, as soon as it is used. */
  constructor(path: string) {
    this.#path = path;
  }

  async openSession(session: SessionRecord): Promise<number> {
    const { agent, model, directory, title } = session;
    const database = await this.#open();
    const key = keyOf(session);
    database
      .prepare("INSERT INTO agent_sessions VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
      .run(...key, agent, model, directory, title);
    const [stored] = await this.#sessions(whichSession, key);
    return stored?.lastSequence ?? 0;
  }

  async append(session: SessionKey, events: readonly UniversalEvent[], gap?: Gap): Promise<void> {
    const database = await this.#open();
    const key = keyOf(session);
    const insert = database.prepare(
      `INSERT INTO agent_events (source, session_id, created_at, sequence, event_id, time, type, event)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (source, session_id, created_at, sequence) DO NOTHING`,
    );
    database.exec("BEGIN IMMEDIATE");
    try {
      if (gap) {
        database
          .prepare("INSERT INTO agent_event_gaps VALUES (?, ?, ?, ?, ?)")
          .run(...key, gap.firstSequence, gap.lastSequence);
      }
      for (const event of events) {
        const { sequence, event_id, time, type } = event;
        insert.run(...key, sequence, event_id, time, type, JSON.stringify(event));
      }
      database.exec("COMMIT");
    } catch (error) {
      rollBack(database);
      throw error;
    }
  }

  async events(session: SessionKey, options: PageOptions = {}): Promise<UniversalEvent[]> {
    const { after = 0, limit = -1 } = options;
    const database = await this.#open();
    const rows = database
      .prepare(
        `SELECT event FROM agent_events WHERE ${whichSession} AND sequence > ?
         ORDER BY sequence LIMIT ?`,
      )
      .all(...keyOf(session), after, limit);
    return parseEvents(rows);
  }

  sessions({ source, sessionId }: SessionFilter = {}): Promise<StoredSession[]> {
    return this.#sessions("source = coalesce(?, source) AND session_id = coalesce(?, session_id)", [
      source ?? null,
      sessionId ?? null,
    ]);
  }

  mayPass(error: unknown): boolean {
    const code = codeOf(error);
    return code === WAS_FIRST || (code !== undefined && PASSING.includes(code & 0xff));
  }

  /** Closes the file. */
  async close(): Promise<void> {
    const database = await this.#database?.catch(() => undefined);
    this.#database = undefined;
    database?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #sessions(where: string, values: Value[]): Promise<StoredSession[]> {
    const database = await this.#open();
    const rows = database
      .prepare(
        `SELECT *,
           (SELECT max(sequence) FROM agent_events
              WHERE (source, session_id, created_at) = (s.source, s.session_id, s.created_at)
           ) AS last_event,
           coalesce((SELECT type = 'session.ended' FROM agent_events
              WHERE (source, session_id, created_at) = (s.source, s.session_id, s.created_at)
              ORDER BY sequence DESC LIMIT 1), 0) AS ended,
           (SELECT json_group_array(json_array(first_sequence, last_sequence))
              FROM (SELECT * FROM agent_event_gaps
                WHERE (source, session_id, created_at) = (s.source, s.session_id, s.created_at)
                ORDER BY first_sequence)
           ) AS gaps
         FROM agent_sessions AS s WHERE ${where} ORDER BY created_at DESC`,
      )
      .all(...values);
    return parseSessions(rows);
  }

  async #open(): Promise<Database> {
    this.#database ??= openDatabase(this.#path);
    try {
      return await this.#database;
    } catch (error) {
      this.#database = undefined;
      throw error;
    }
  }
}

async function openDatabase(path: string): Promise<Database> {
  const database = await loadDatabase(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    database.exec("PRAGMA journal_mode = WAL");
    // What has been committed is on the disk.
    database.exec("PRAGMA synchronous = FULL");
    database.exec("PRAGMA foreign_keys = ON");
    database.exec(`BEGIN IMMEDIATE; ${sqliteSchema} COMMIT`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

async function loadDatabase(path: string): Promise<Database> {
  if (process.versions["bun"] === undefined) {
    const { DatabaseSync } = await import("node:sqlite");
    return new DatabaseSync(path);
  }
  // Neither Node nor its types know this module.
  const name = "bun:sqlite";
  const { Database }: { Database: new (path: string) => Database } = await import(name);
  return new Database(path);
}

function keyOf({ source, sessionId, createdAt }: SessionKey): [string, string, number] {
  return [source, sessionId, createdAt];
}

function rollBack(database: Database): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // Some errors have rolled back already.
  }
}

/** SQLite's own number of an error: Node and Bun name it differently. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errcode" in error && typeof error.errcode === "number") return error.errcode;
  return "errno" in error && typeof error.errno === "number" ? error.errno : undefined;
}
