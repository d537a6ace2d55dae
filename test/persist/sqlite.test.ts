import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { SqliteStore } from "../../src/persist/sqlite.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { describeStore, HOSTILE, someEvent, someEvents, someSession } from "./contract.ts";

describe("a store in SQLite", () => {
  const memory = new SqliteStore(":memory:");
  afterAll(() => memory[Symbol.asyncDispose]());
  describeStore(() => memory);
});

it("a file is as it was when it is opened again, also while another has it open", async () => {
  await using home = await temporaryHome();
  const file = join(home.work, "events.db");
  await using one = new SqliteStore(file);
  await one.openSession(someSession("s"));
  await one.append(someSession("s"), someEvents(1, 3));
  await using other = new SqliteStore(file);
  expect(await other.openSession(someSession("s"))).toBe(3);
  await one[Symbol.asyncDispose]();
  expect(await one.openSession(someSession("s"))).toBe(3);
});

it("the data of events can be asked for in SQL, and events go with their session", async () => {
  await using home = await temporaryHome();
  const file = join(home.work, "events.db");
  await using store = new SqliteStore(file);
  await store.openSession(someSession("s"));
  await store.append(someSession("s"), [someEvent(1), someEvent(2, HOSTILE)]);
  const database = new DatabaseSync(file);
  const rows = database
    .prepare("SELECT sequence, data ->> 'message' AS message FROM agent_events ORDER BY sequence")
    .all();
  expect(rows[0]).toMatchObject({ sequence: 1, message: "event 1" });
  database.exec("DELETE FROM agent_sessions");
  database.close();
  expect(await store.events(someSession("s"))).toEqual([]);
});

it("a file that cannot be opened is an error that does not pass", async () => {
  await using store = new SqliteStore("/nowhere/at/all.db");
  const error = await store.openSession(someSession("s")).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(Error);
  expect(store.mayPass(error)).toBe(false);
});
