import type { z } from "zod";
import { invalidRequest, type ProblemError } from "../schema/problem.ts";

/** One member of a request that is not as it should be. */
export interface Issue {
  /** Members from the outside in, joined by dots; empty for the whole. */
  path: string;
  message: string;
}

/** A request of a million wrong members must not have an answer of a hundred megabytes. */
const MAX_ISSUES = 20;
const MAX_PATH_LENGTH = 200;

/** The problem for a request whose shape is wrong: it names the first member and what is expected. */
export function validationProblem(issues: Issue[]): ProblemError {
  const [first] = issues;
  const what = first?.path ? `${first.path}: ${first.message}` : (first?.message ?? "wrong shape");
  const more = issues.length - MAX_ISSUES;
  return invalidRequest(what, {
    issues: issues.slice(0, MAX_ISSUES),
    ...(more > 0 && { moreIssues: more }),
  });
}

/** What a part of a request says, or a problem that names each wrong member. */
export function parsePart<T extends z.ZodType>(
  schema: T | undefined,
  value: unknown,
  part: "path" | "query" | "body",
): z.output<T> {
  // Of a part that nobody looks at, no member is known.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (!schema) return {} as z.output<T>;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    path: shortened(path.join(".")) || part,
    message: message.replace(/^Invalid input: /, ""),
  }));
  throw validationProblem(issues);
}

/** Names of members come from the request and may be long. */
function shortened(path: string): string {
  return path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH).toWellFormed()}…` : path;
}

/** The query as an object of strings; a key of the schema that is given twice is a problem. */
export function parseQuery<T extends z.ZodObject>(
  schema: T | undefined,
  query: unknown,
): z.output<T> {
  const given = new Map(Object.entries(Object(query)));
  const issues = Object.keys(schema?.shape ?? {})
    .filter((key) => Array.isArray(given.get(key)))
    .map((path) => ({ path, message: "is given more than once" }));
  if (issues.length > 0) throw validationProblem(issues);
  return parsePart(schema, query, "query");
}
