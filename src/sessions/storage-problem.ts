import { errorCode } from "../io/error-code.ts";
import { ProblemError } from "../schema/problem.ts";

/** Explanations of the system's errors, with a remedy if there is one. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota of the daemon's user is used up",
  EROFS: "the file system is read-only",
  EACCES: "the daemon's user is not allowed to write there",
  EPERM: "the daemon's user is not allowed to write there",
  ENOENT: "the directory does not exist; create it, or set TMPDIR for the daemon",
  ENOTDIR: "a part of the path is not a directory; set TMPDIR for the daemon",
  EMFILE: "the daemon has too many open files",
  ENFILE: "the system has too many open files",
};

/** The problem of a file that could not be written to the temporary directory. */
export function storageProblem(cause: unknown, path: string): ProblemError {
  const code = errorCode(cause) ?? "EUNKNOWN";
  const reason = Object.hasOwn(CAUSES, code) ? CAUSES[code] : "the system reports an error";
  return new ProblemError(
    "storage_failed",
    `storage failed: ${path} cannot be written: ${reason} (${code})`,
    { details: { code, path } },
    { cause },
  );
}
