import { expect } from "vitest";
import type { UniversalEvent } from "../../src/schema/event.ts";
import type { EventStore } from "../../src/persist/store.ts";
import { storedEvents } from "../../src/persist/stored-events.ts";
import { collectAll } from "./sse.ts";

/** A daemon's own log of a session, whole. */
export async function daemonLog(url: string, sessionId: string): Promise<UniversalEvent[]> {
  const answer = await fetch(`${url}/v1/sessions/${sessionId}/events`);
  return ((await answer.json()) as { events: UniversalEvent[] }).events;
}

/** Holds what a store has of a daemon's session against that daemon's log, event by event. */
export async function expectWhole(
  store: EventStore,
  daemonUrl: string,
  sessionId: string,
): Promise<number> {
  const sessions = await store.sessions({ sessionId });
  const log = await daemonLog(daemonUrl, sessionId);
  expect(sessions).toMatchObject([{ lastSequence: log.length, ended: true, gaps: [] }]);
  const [session] = sessions;
  if (!session) throw new Error("unreachable: it was there");
  const stored = await collectAll(storedEvents(store, session));
  expect(stored.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
  const differing = stored.filter(
    (event, index) => JSON.stringify(event) !== JSON.stringify(log[index]),
  );
  expect(differing).toEqual([]);
  return stored.length;
}
