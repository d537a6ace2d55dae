import type { FastifyReply } from "fastify";
import type { EventLog } from "../sessions/event-log.ts";
import { takeOver, write } from "./raw-reply.ts";

const SLICE_BYTES = 512 * 1024;

/** Which events a page has. */
export interface PageOptions {
  /** Only events after this sequence. */
  offset: number;
  /** At most so many. */
  limit: number | undefined;
  includeRaw: boolean;
}

/**
 * Answers with the JSON of a page of events, piece by piece. It has what the log holds now; where some of it
 * is dropped before it has been read, the answer breaks off.
 */
export async function sendPage(
  reply: FastifyReply,
  log: EventLog,
  { offset, limit = Infinity, includeRaw }: PageOptions,
): Promise<void> {
  const raw = takeOver(reply, { "content-type": "application/json" });
  if (!raw) return;
  const { response, left } = raw;
  const last = log.lastSequence;
  const upTo = Math.min(last, offset + limit);
  let lead = '{"events":[';
  let sequence = offset;
  try {
    while (sequence < upTo && !left.signal.aborted) {
      const piece = log.readJson(sequence, { includeRaw, upTo, maxBytes: SLICE_BYTES, lead });
      if (!piece) break;
      sequence = piece.lastSequence;
      await write(raw, piece.bytes, piece.release);
      lead = ",";
    }
    const head = sequence === offset ? lead : "";
    response.end(`${head}],"hasMore":${last > offset + limit}}`);
  } catch {
    // Whoever reads must see that this is not all of it.
    response.destroy();
  }
}
