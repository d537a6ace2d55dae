import type { Gap } from "./store.ts";

/**
 * - `events_expired`: the daemon has dropped events that are not stored yet; `missing` says which
 * - `session_replaced`: the session was deleted, and another has its id now
 * - `out_of_order`: an event came that is not the next one; nothing of its batch was stored
 * - `store_failed`: the store refuses, or was away for too long; the `cause` is its last error
 */
export type PersistErrorCode =
  | "events_expired"
  | "session_replaced"
  | "out_of_order"
  | "store_failed";

/** Why a session cannot be followed into a store any further. What is stored stays correct. */
export class PersistError extends Error {
  override readonly name = "PersistError";
  readonly code: PersistErrorCode;
  readonly missing: Gap | undefined;

  constructor(
    code: PersistErrorCode,
    message: string,
    { missing, ...options }: ErrorOptions & { missing?: Gap } = {},
  ) {
    super(message, options);
    this.code = code;
    this.missing = missing;
  }
}
