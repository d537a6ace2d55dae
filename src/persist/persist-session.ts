import type { UniversalEvent } from "../schema/event.ts";
import { type FollowedClient, Follower, type FollowIntoOptions } from "./follower.ts";
import type { EventStore, SessionKey } from "./store.ts";

/** How to follow a session into a store, and who is told. */
export interface PersistOptions extends FollowIntoOptions {
  /** Is given each event that is new in the store, after it is stored and before the next ones are. */
  onEvent?: (event: UniversalEvent) => void | Promise<void>;
}

/**
 * Stores the events of a session, each once, until `session.ended` is stored; resolves with the key
 * under which they are. Begins after the last one that is stored, so that it can be called again
 * whenever its process has ended, however that did, and also twice at a time. Connections that break
 * off and a store that is away are waited for. Rejects where the daemon refuses, with a `PersistError`
 * where the session cannot be followed any further, and when the signal is aborted.
 */
export async function persistSession(
  client: FollowedClient,
  sessionId: string,
  store: EventStore,
  { onEvent, ...options }: PersistOptions = {},
): Promise<SessionKey> {
  const follower = new Follower(client, sessionId, store, options);
  for await (const events of follower.run()) {
    if (onEvent) for (const event of events) await onEvent(event);
  }
  return follower.key;
}

/**
 * The events of a session after a sequence: first those that are stored, then those to come, each as
 * soon as it is stored. Ends as `persistSession` does.
 */
export async function* persistedEvents(
  client: FollowedClient,
  sessionId: string,
  store: EventStore,
  { after = 0, ...options }: FollowIntoOptions & { after?: number } = {},
): AsyncGenerator<UniversalEvent> {
  const follower = new Follower(client, sessionId, store, { ...options, after });
  for await (const events of follower.run()) yield* events;
}
