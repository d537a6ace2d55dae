import { setImmediate as tick } from "node:timers/promises";
import type { UniversalEvent } from "../schema/event.ts";

/** How much is stored at once, at most. */
export interface BatchLimits {
  maxEvents: number;
  /** Characters of JSON; a single event may be longer. */
  maxCharacters: number;
}

type Step = { event: UniversalEvent } | { error: unknown } | "end" | "waiting";

/**
 * Events in batches of what has come without waiting: one alone when they come slowly, many when they
 * came while the batch before was being stored. What has come before an error is given before it.
 */
export async function* batches(
  events: AsyncIterator<UniversalEvent>,
  { maxEvents, maxCharacters }: BatchLimits,
): AsyncGenerator<UniversalEvent[]> {
  let next = take(events);
  for (;;) {
    const batch: UniversalEvent[] = [];
    let characters = 0;
    let step = await next;
    while (typeof step === "object" && "event" in step) {
      batch.push(step.event);
      characters += JSON.stringify(step.event).length;
      next = take(events);
      if (batch.length >= maxEvents || characters >= maxCharacters) break;
      step = await Promise.race([next, tick<Step>("waiting")]);
    }
    if (batch.length > 0) yield batch;
    else if (typeof step === "object" && "error" in step) throw step.error;
    else return;
  }
}

/** Never rejects: nobody listens to it while a batch is being stored. */
async function take(events: AsyncIterator<UniversalEvent>): Promise<Step> {
  try {
    const { done, value } = await events.next();
    return done === true ? "end" : { event: value };
  } catch (error) {
    return { error };
  }
}
