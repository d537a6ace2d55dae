import { z } from "zod";
import type { UniversalEvent } from "../schema/event.ts";
import type { StoredSession } from "./store.ts";

const EventRow = z.object({ event: z.string() });

/** The events of rows of an SQL store: their whole JSON as text. */
export function parseEvents(rows: readonly unknown[]): UniversalEvent[] {
  return rows.map((row) => {
    const event: UniversalEvent = JSON.parse(EventRow.parse(row).event);
    return event;
  });
}

// PostgreSQL gives its large integers as text.
const integer = z.coerce.number<number | string>();

const SessionRow = z.object({
  source: z.string(),
  session_id: z.string(),
  created_at: integer,
  agent: z.string(),
  model: z.string().nullable(),
  directory: z.string().nullable(),
  title: z.string().nullable(),
  last_event: integer.nullable(),
  ended: z.union([z.boolean(), z.number()]),
  /** JSON: the first and the last sequence of each. */
  gaps: z.string(),
});

const Gaps = z.array(z.tuple([z.int(), z.int()]));

/** The sessions of rows of an SQL store. */
export function parseSessions(rows: readonly unknown[]): StoredSession[] {
  return rows.map((row) => {
    const { session_id, created_at, last_event, ended, gaps, ...rest } = SessionRow.parse(row);
    const missing = Gaps.parse(JSON.parse(gaps)).map(([firstSequence, lastSequence]) => ({
      firstSequence,
      lastSequence,
    }));
    return {
      ...rest,
      sessionId: session_id,
      createdAt: created_at,
      lastSequence: Math.max(last_event ?? 0, missing.at(-1)?.lastSequence ?? 0),
      ended: Boolean(ended),
      gaps: missing,
    };
  });
}
