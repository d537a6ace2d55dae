import { errorCode } from "./error-code.ts";

const PROBLEMS: Readonly<Record<string, [problem: string, cure: string]>> = {
  ENOENT: ["does not exist", "create it"],
  ENOTDIR: ["is not a directory", "name a directory"],
  EACCES: ["cannot be entered by the user of the daemon", "change its owner or mode"],
  ELOOP: ["is a loop of symbolic links", "repair the link"],
  ENAMETOOLONG: ["has a path that is too long", "choose a shorter one"],
};

/** The problem of a directory that cannot be used, and its cure: `does not exist; create it`. */
export function directoryProblem(cause: unknown): string {
  const code = errorCode(cause) ?? "";
  const [problem, cure] = PROBLEMS[code] ?? [
    `cannot be read (${code || String(cause)})`,
    undefined,
  ];
  return cure === undefined ? problem : `${problem}; ${cure}`;
}
