import { posix } from "node:path";

/** A run of changed lines with context; each line begins with ` `, `-`, `+` or `\`. */
export interface Hunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  lines: string[];
}

/** A change of a file as a whole; `from` is the former path of a file that was moved. */
export type Change = "created" | "changed" | "deleted" | { from: string };

const CONTEXT = 3;
const NOTHING = "/dev/null";
const NO_NEWLINE = "\\ No newline at end of file";
const RANGE = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;
/** Characters of a name that git quotes. The others it also reads as they are. */
// oxlint-disable-next-line no-control-regex
const QUOTED = /[\u0000-\u001f\u007f"\\]/;
const ESCAPES: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

/**
 * A unified diff with file headers that `git apply` accepts in the root directory; `/dev/null` stands
 * for a file that does not exist. Null if a diff cannot express the change.
 */
export function formatDiff(
  path: string,
  hunks: readonly Hunk[] | undefined,
  change: Change = "changed",
): string | null {
  const moved = typeof change === "object";
  // A replacement character stands for bytes of a name that are not known.
  const named = [path, ...(moved ? [change.from] : [])];
  if (!hunks || named.some((name) => !posix.isAbsolute(name) || name.includes("\ufffd")))
    return null;
  if (hunks.length === 0 && !moved) return null;
  const ranges = hunks.map(
    ({ oldStart, oldLines, newStart, newLines, lines }) =>
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@\n${lines.join("\n")}\n`,
  );
  const before = change === "created" ? NOTHING : headerName(path);
  const after = change === "deleted" ? NOTHING : headerName(path);
  const headers = moved
    ? moveHeaders(change.from, path, hunks.length > 0)
    : `--- ${before}\n+++ ${after}\n`;
  return headers + ranges.join("");
}

/** Only git's own form of headers can express that a file has another name. */
function moveHeaders(from: string, to: string, isChanged: boolean): string {
  const [a, b] = [`a${from}`, `b${to}`];
  return [
    `diff --git ${quoted(a)} ${quoted(b)}`,
    `rename from ${quoted(from.slice(1))}`,
    `rename to ${quoted(to.slice(1))}`,
    ...(isChanged ? [`--- ${headerName(a)}`, `+++ ${headerName(b)}`] : []),
    "",
  ].join("\n");
}

/** A name with spaces ends with a tab, because the end of a header may be a date. */
function headerName(name: string): string {
  const text = quoted(name);
  return text === name && name.includes(" ") ? `${name}\t` : text;
}

function quoted(name: string): string {
  if (!QUOTED.test(name)) return name;
  const escaped = Array.from(name, (char) => {
    if (!QUOTED.test(char)) return char;
    return ESCAPES[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

/**
 * The hunks of one file in a diff, whose headers are ignored. Undefined if the text is not the whole
 * diff of one file, for example if a line end within a line was taken for the end of the line.
 */
export function readHunks(diff: string): Hunk[] | undefined {
  const lines = (diff.endsWith("\n") ? diff.slice(0, -1) : diff).split("\n");
  const hunks: Hunk[] = [];
  let at = lines.findIndex((line) => RANGE.test(line));
  if (at === -1) return [];
  while (at < lines.length) {
    const range = RANGE.exec(lines[at++] ?? "");
    if (!range) return undefined;
    const [oldStart = 0, oldLines = 1, newStart = 0, newLines = 1] = range
      .slice(1)
      .map((text) => (text === undefined ? undefined : Number(text)));
    const hunk: Hunk = { oldStart, oldLines, newStart, newLines, lines: [] };
    let [removals, additions] = [oldLines, newLines];
    while (removals > 0 || additions > 0 || lines[at]?.startsWith("\\") === true) {
      const line = lines[at++];
      // Some programs leave out the space of an empty line.
      const mark = line === undefined ? undefined : line === "" ? " " : line[0];
      if (mark === undefined || !" -+\\".includes(mark)) return undefined;
      if (mark === " " || mark === "-") removals--;
      if (mark === " " || mark === "+") additions--;
      hunk.lines.push(line || " ");
    }
    if (removals < 0 || additions < 0) return undefined;
    hunks.push(hunk);
  }
  return hunks;
}

/** The change of a whole text as one hunk around everything that differs; none without a difference. */
export function diffTexts(before: string, after: string): Hunk[] {
  if (before === after) return [];
  const old = linesOf(before);
  const now = linesOf(after);
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const start = Math.max(0, head - CONTEXT);
  const after3 = Math.min(tail, CONTEXT);
  const oldEnd = old.length - tail;
  const newEnd = now.length - tail;
  const lines = [
    ...marked(" ", old.slice(start, head)),
    ...marked("-", old.slice(head, oldEnd)),
    ...marked("+", now.slice(head, newEnd)),
    ...marked(" ", old.slice(oldEnd, oldEnd + after3)),
  ];
  const oldLines = oldEnd + after3 - start;
  const newLines = newEnd + after3 - start;
  // A range of no lines names the line before it.
  const first = (count: number) => (count === 0 ? start : start + 1);
  return [{ oldStart: first(oldLines), oldLines, newStart: first(newLines), newLines, lines }];
}

/** The lines of a text, each with its newline, so that a last one without differs from one with. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function marked(mark: string, lines: readonly string[]): string[] {
  return lines.flatMap((line) =>
    line.endsWith("\n") ? [mark + line.slice(0, -1)] : [mark + line, NO_NEWLINE],
  );
}
