import { storageFailed } from "../schema/problem.ts";
import { errorCode } from "../io/error-code.ts";
import { explainWrite } from "../io/system-error.ts";
import type { ProblemError } from "../schema/problem.ts";

/** The problem of a file that could not be written to the temporary directory. */
export function storageProblem(cause: unknown, path: string): ProblemError {
  const code = errorCode(cause) ?? "EUNKNOWN";
  return storageFailed({ text: explainWrite(code, path), code, path }, cause);
}
