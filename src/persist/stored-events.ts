import type { UniversalEvent } from "../schema/event.ts";
import type { EventStore, SessionKey } from "./store.ts";

const PAGE = 500;

/** The events of a stored session after a sequence, as a stream like that of a live one. */
export async function* storedEvents(
  store: Pick<EventStore, "events">,
  session: SessionKey,
  { after = 0, signal }: { after?: number; signal?: AbortSignal } = {},
): AsyncGenerator<UniversalEvent> {
  for (let last = after; ;) {
    signal?.throwIfAborted();
    const page = await store.events(session, { after: last, limit: PAGE });
    yield* page;
    const end = page.at(-1);
    if (end === undefined) return;
    last = end.sequence;
  }
}
