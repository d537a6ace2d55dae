import type { EventLog } from "../sessions/event-log.ts";

const SLICE_BYTES = 128 * 1024;

/** Which events a page has. */
export interface PageOptions {
  /** Only events after this sequence. */
  offset: number;
  /** At most so many. */
  limit: number | undefined;
  includeRaw: boolean;
}

/**
 * The JSON of a page of events, in pieces. It has what the log holds now; where some of it is
 * dropped before it has been read, the page breaks off with an error.
 */
export async function* eventsPage(
  log: EventLog,
  { offset, limit = Infinity, includeRaw }: PageOptions,
): AsyncGenerator<Buffer> {
  const last = log.lastSequence;
  const upTo = Math.min(last, offset + limit);
  let lead = '{"events":[';
  let sequence = offset;
  while (sequence < upTo) {
    const piece = log.readJson(sequence, { includeRaw, upTo, maxBytes: SLICE_BYTES, lead });
    if (!piece) break;
    sequence = piece.lastSequence;
    yield piece.bytes;
    lead = ",";
  }
  const head = sequence === offset ? lead : "";
  yield Buffer.from(`${head}],"hasMore":${last > offset + limit}}`);
}
