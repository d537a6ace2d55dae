import type { ProblemKind } from "../schema/problem.ts";

/** Problems of a reply to a permission or a question. */
export const REPLY_PROBLEMS: ProblemKind[] = [
  "session_not_found",
  "session_ended",
  "already_resolved",
  "stream_error",
  "storage_failed",
];
