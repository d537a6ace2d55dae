import { readFile } from "node:fs/promises";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PostgresStore } from "../../src/persist/postgres.ts";
import { describeStore, HOSTILE, someEvent, someSession } from "../persist/contract.ts";
import { Postgres } from "../support/postgres.ts";

let server: Postgres;
let store: PostgresStore;

beforeAll(async () => {
  server = await Postgres.start();
  store = new PostgresStore(server.url);
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe("a store in PostgreSQL", () => {
  describeStore(() => store);
});

it("the tables are made once, by however many come at once, and a pool of one's own is used", async () => {
  const pool = new Pool({ connectionString: server.url });
  await pool.query("CREATE DATABASE other");
  const other = new Pool({ connectionString: server.url.replace(/\w+$/, "other") });
  const stores = Array.from({ length: 5 }, () => new PostgresStore(other));
  const opened = await Promise.all(stores.map((store) => store.openSession(someSession("s"))));
  expect(opened).toEqual([0, 0, 0, 0, 0]);
  await Promise.all([pool.end(), other.end()]);
});

it("the data of events can be asked for in SQL, but for what jsonb cannot hold", async () => {
  const session = someSession("asked");
  await store.openSession(session);
  await store.append(session, [someEvent(1, HOSTILE)]);
  const pool = new Pool({ connectionString: server.url });
  const { rows } = await pool.query(
    "SELECT data ->> 'message' AS message, time FROM agent_events WHERE session_id = 'asked'",
  );
  expect(rows).toEqual([
    {
      message: HOSTILE.replaceAll("\u0000", "\ufffd").toWellFormed(),
      time: new Date(someEvent(1).time),
    },
  ]);
  await pool.query("DELETE FROM agent_sessions WHERE session_id = 'asked'");
  await pool.end();
  expect(await store.events(session)).toEqual([]);
});

it("the queries of the manual run in PostgreSQL too", async () => {
  const manual = await readFile(new URL("../../docs/manage-sessions.md", import.meta.url), "utf8");
  const queries = [...manual.matchAll(/^```sql\n(.*?)^```/gms)].map(([, query = ""]) => query);
  expect(queries).toHaveLength(4);
  const session = someSession("demo");
  await store.openSession(session);
  const turn = { phase: "ended", turn_id: "turn_1" } as const;
  const metadata = { status: "completed", duration_ms: 1 } as const;
  await store.append(session, [
    { ...someEvent(1), type: "turn.ended", data: { ...turn, metadata } },
  ]);
  const pool = new Pool({ connectionString: server.url });
  const answers: unknown[][] = [];
  for (const query of queries) answers.push((await pool.query(query)).rows);
  await pool.end();
  const [said, ended, open] = answers;
  expect(said).toEqual([]);
  expect(ended).toEqual([{ session_id: "demo", turn: "turn_1", status: "completed", cost: null }]);
  expect(open).toContainEqual({ source: "", session_id: "demo", created_at: "1000" });
  expect(await store.events(session)).toEqual([]);
});

it("that a database is not there does not pass", async () => {
  await using wrong = new PostgresStore(server.url.replace(/\w+$/, "nowhere"));
  const error = await wrong.sessions().catch((error: unknown) => error);
  expect(error).toBeInstanceOf(Error);
  expect(wrong.mayPass(error)).toBe(false);
});
