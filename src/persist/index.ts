export { persistedEvents, persistSession, type PersistOptions } from "./persist-session.ts";
export type { FollowedClient, FollowIntoOptions } from "./follower.ts";
export { PersistError, type PersistErrorCode } from "./persist-error.ts";
export { postgresSchema, PostgresStore, type PostgresQueryable } from "./postgres.ts";
export { SqliteStore, sqliteSchema } from "./sqlite.ts";
export type { UniversalEvent } from "../schema/event.ts";
export { storedEvents } from "./stored-events.ts";
export type {
  EventStore,
  Gap,
  PageOptions,
  SessionFilter,
  SessionKey,
  SessionRecord,
  StoredSession,
} from "./store.ts";
