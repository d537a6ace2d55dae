import { explainError } from "../io/system-error.ts";

/** What went wrong, in one line, also for errors that have no message of their own. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== "") return explainError(error);
  // A refused connection to a name with several addresses is an AggregateError without a message.
  const parts = error instanceof AggregateError ? error.errors.map(describeError) : [];
  return [...new Set(parts)].join("; ") || error.name;
}
