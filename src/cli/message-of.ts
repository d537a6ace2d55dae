import { ProblemError } from "../schema/problem.ts";

/** What a person is told of an error, in one line. */
export function messageOf(error: unknown): string {
  if (error instanceof ProblemError) {
    const stderr = error.extensions.details?.["stderr"];
    return typeof stderr === "string" ? `${error.message}: ${stderr}` : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
