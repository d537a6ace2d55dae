import { createHash, type Hash } from "node:crypto";

/**
 * Names one exact request, so that "always" for one request holds for equal requests alone. Every
 * agent builds its keys here. A key is a digest of fixed length, whatever the size of the request.
 *
 * The digest covers an unambiguous encoding of nested lists: no two different requests share a key.
 * The encoder never throws and does not recurse, because an agent chooses the depth of its input.
 */
function digestOf(...parts: unknown[]): string {
  const hash = createHash("sha256");
  encode(hash, parts);
  return hash.digest("base64url");
}

/** Key of a command: its text, its working directory, and anything else that changes its effect. */
export function commandKey(
  tool: string,
  command: string,
  directory: string,
  modifiers: Readonly<Record<string, unknown>> = {},
): string {
  return digestOf("command", tool, command, absolute(directory, "/"), modifiers);
}

/** Key of a change of files: the tool and the set of paths, whatever the content. */
export function fileChangeKey(
  tool: string,
  paths: readonly string[],
  directory: string,
  modifiers: Readonly<Record<string, unknown>> = {},
): string {
  const set = new Set(paths.map((path) => absolute(path, directory)));
  return digestOf("files", tool, [...set].toSorted(), modifiers);
}

/** Key of any other request: the tool and its whole input, members in any order. */
export function memoryKey(tool: string, input: unknown): string {
  return digestOf("tool", tool, input);
}

/** Key of a request whose extent is unknown: no other request of the session has its id. */
export function uniqueKey(requestId: string): string {
  return digestOf("id", requestId);
}

/**
 * Absolute path without empty and `.` segments. A `..` segment stays, because behind a symbolic link
 * it leads to another folder than the text suggests.
 */
function absolute(path: string, directory: string): string {
  const whole = path.startsWith("/") ? path : `${directory}/${path}`;
  const segments = whole.split("/").filter((segment) => segment !== "" && segment !== ".");
  return `/${segments.join("/")}`;
}

/** A value to encode, or the closing text of an open list or object. */
type Step = { value: unknown } | { text: string };

function encode(hash: Hash, root: unknown): void {
  const steps: Step[] = [{ value: root }];
  for (let step = steps.pop(); step; step = steps.pop()) {
    if ("text" in step) hash.update(step.text);
    else if (Array.isArray(step.value)) {
      hash.update("[");
      steps.push({ text: "]" });
      for (const value of step.value.toReversed()) steps.push({ value });
    } else if (typeof step.value === "object" && step.value !== null) {
      hash.update("{");
      steps.push({ text: "}" });
      const members = Object.entries(step.value).toSorted(byName).toReversed();
      for (const [name, value] of members) {
        steps.push({ value }, { text: `${JSON.stringify(name)}:` });
      }
    } else hash.update(`${scalar(step.value)},`);
  }
}

/** Texts are quoted; every other scalar is spelled with its type. */
function scalar(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return `${typeof value} ${Object.is(value, -0) ? "-0" : String(value)}`;
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}
