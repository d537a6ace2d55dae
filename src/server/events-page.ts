import type { FastifyReply } from "fastify";
import type { EventLog } from "../sessions/event-log.ts";
import { takeOver } from "./raw-reply.ts";
import type { Readers } from "./readers.ts";

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
  readers: Readers,
  { offset, limit = Infinity, includeRaw }: PageOptions,
): Promise<void> {
  const raw = takeOver(reply, { "content-type": "application/json" }, readers);
  if (!raw) return;
  const { response, left } = raw;
  const cut = () => raw.cut();
  const last = log.lastSequence;
  const upTo = Math.min(last, offset + limit);
  let lead = '{"events":[';
  let sequence = offset;
  try {
    while (sequence < upTo && !left.signal.aborted) {
      const piece = log.readJson(sequence, { includeRaw, upTo, lead, cut });
      if (!piece) break;
      sequence = piece.lastSequence;
      await raw.write(piece);
      lead = ",";
    }
    const head = sequence === offset ? lead : "";
    response.end(`${head}],"hasMore":${last > offset + limit}}`);
  } catch {
    // Whoever reads must see that this is not all of it.
    response.destroy();
  }
}
