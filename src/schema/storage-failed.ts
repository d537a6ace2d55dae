import { ProblemError } from "./problem.ts";

/** `storage_failed`: a file or a folder cannot be written; `text` names cause and cure. */
export function storageFailed(
  { text, code, path }: { text: string; code: string; path: string | undefined },
  cause: unknown,
): ProblemError {
  const details = { code, ...(path !== undefined && { path }) };
  return new ProblemError("storage_failed", `storage failed: ${text}`, { details }, { cause });
}
