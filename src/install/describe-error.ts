import { explainWrite, systemErrorOf } from "../io/system-error.ts";

/** Codes of a failed write to an open file, whose error has no path. */
const OF_FOLDERS = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

/**
 * The reason of an error in one line, also for errors without a message. `folder` is the folder whose
 * files were written.
 */
export function describeError(error: unknown, folder?: string): string {
  if (!(error instanceof Error)) return String(error);
  const system = systemErrorOf(error);
  if (system) {
    const isOfFolder = !system.path && OF_FOLDERS.has(system.code);
    return isOfFolder && folder !== undefined ? explainWrite(system.code, folder) : system.text;
  }
  if (error.message !== "") return error.message;
  // A refused connection to a name with several addresses is an AggregateError without a message.
  const parts =
    error instanceof AggregateError ? error.errors.map((part) => describeError(part)) : [];
  return [...new Set(parts)].join("; ") || error.name;
}
