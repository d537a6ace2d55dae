import { expect, it } from "vitest";
import type { UniversalEvent } from "../../src/schema/event.ts";
import type { EventStore, SessionRecord } from "../../src/persist/store.ts";
import { storedEvents } from "../../src/persist/stored-events.ts";
import { collectAll } from "../support/sse.ts";

/** Texts that a database may not like. */
export const HOSTILE = 'NUL \u0000, "\\u0000", half a pair \ud83d, a whole one 🚀, it\'s {"a":1}';

/** A session of a name that no other test has. */
export function someSession(sessionId: string, createdAt = 1000): SessionRecord {
  const others = { agent: "mock", model: null, directory: "/work", title: "It's one" };
  return { source: "", sessionId, createdAt, ...others };
}

/** An event that says something. */
export function someEvent(sequence: number, message = `event ${sequence}`): UniversalEvent {
  return {
    event_id: `evt_${sequence}`,
    sequence,
    time: new Date(1_700_000_000_000 + sequence).toISOString(),
    session_id: "s",
    native_session_id: null,
    synthetic: true,
    source: "daemon",
    type: "error",
    data: { message, code: null, details: { [message]: [message] } },
    raw: null,
  };
}

/** Events from one sequence to another. */
export function someEvents(first: number, last: number): UniversalEvent[] {
  return Array.from({ length: last - first + 1 }, (_, index) => someEvent(first + index));
}

/** What must hold of every store. */
export function describeStore(open: () => EventStore): void {
  it("tells up to where a session is stored, and notes it only once", async () => {
    const store = open();
    const session = someSession("noted");
    expect(await store.openSession(session)).toBe(0);
    await store.append(session, someEvents(1, 3));
    expect(await store.openSession({ ...session, title: "another" })).toBe(3);
    const found = await store.sessions({ sessionId: "noted" });
    expect(found).toEqual([{ ...session, lastSequence: 3, ended: false, gaps: [] }]);
  });

  it("gives back what it was given, to the letter", async () => {
    const store = open();
    const session = someSession("letters");
    await store.openSession(session);
    const events = [someEvent(1, HOSTILE), { ...someEvent(2), raw: { big: HOSTILE.repeat(1000) } }];
    await store.append(session, events);
    const stored = await store.events(session);
    expect(stored.map((event) => JSON.stringify(event))).toEqual(
      events.map((event) => JSON.stringify(event)),
    );
  });

  it("leaves what is there as it is", async () => {
    const store = open();
    const session = someSession("twice");
    await store.openSession(session);
    await store.append(session, someEvents(1, 3));
    await store.append(session, [someEvent(2, "false"), someEvent(3, "false"), someEvent(4)]);
    expect(await store.events(session)).toEqual(someEvents(1, 4));
  });

  it("gives pages, and all pages as one stream", async () => {
    const store = open();
    const session = someSession("pages");
    await store.openSession(session);
    await store.append(session, someEvents(1, 1200));
    expect(await store.events(session, { after: 7, limit: 2 })).toEqual(someEvents(8, 9));
    expect(await store.events(session, { after: 1200 })).toEqual([]);
    expect(await collectAll(storedEvents(store, session))).toEqual(someEvents(1, 1200));
    expect(await collectAll(storedEvents(store, session, { after: 1199 }))).toHaveLength(1);
  });

  it("keeps sessions of one id apart, by their creation and by their daemon", async () => {
    const store = open();
    const older = someSession("same", 1000);
    const newer = someSession("same", 2000);
    const other = { ...someSession("same", 3000), source: "sandbox-2" };
    for (const [index, session] of [older, newer, other].entries()) {
      await store.openSession(session);
      await store.append(session, someEvents(1, index + 1));
    }
    const found = await store.sessions({ sessionId: "same", source: "" });
    expect(found.map(({ createdAt, lastSequence }) => [createdAt, lastSequence])).toEqual([
      [2000, 2],
      [1000, 1],
    ]);
    expect(await store.sessions({ source: "sandbox-2" })).toMatchObject([{ lastSequence: 3 }]);
    expect(await store.events(older)).toHaveLength(1);
  });

  it("knows that a session has ended", async () => {
    const store = open();
    const session = someSession("ended");
    await store.openSession(session);
    const data = { reason: "terminated", terminated_by: "daemon" } as const;
    await store.append(session, [{ ...someEvent(1), type: "session.ended", data }]);
    expect(await store.sessions({ sessionId: "ended" })).toMatchObject([{ ended: true }]);
  });

  it("notes a gap with what comes after it; who comes second with it may try again", async () => {
    const store = open();
    const session = someSession("gap");
    await store.openSession(session);
    await store.append(session, someEvents(1, 2));
    const gap = { firstSequence: 3, lastSequence: 9 };
    await store.append(session, someEvents(10, 11), gap);
    const late = store.append(session, someEvents(13, 14), { firstSequence: 3, lastSequence: 12 });
    const error = await late.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Error);
    expect(store.mayPass?.(error)).toBe(true);
    expect(await store.sessions({ sessionId: "gap" })).toMatchObject([
      { lastSequence: 11, gaps: [gap] },
    ]);
    expect((await store.events(session)).map(({ sequence }) => sequence)).toEqual([1, 2, 10, 11]);
    await store.append(session, [], { firstSequence: 12, lastSequence: 20 });
    expect(await store.openSession(session)).toBe(20);
  });

  it("refuses events of a session that it does not know, and that does not pass", async () => {
    const store = open();
    const late = store.append(someSession("unknown"), [someEvent(1)]);
    const error = await late.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Error);
    expect(store.mayPass?.(error)).toBe(false);
    expect(await store.events(someSession("unknown"))).toEqual([]);
  });
}
