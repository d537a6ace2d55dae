/** A run of changed lines with what stands around it; each line begins with ` `, `-`, `+` or `\`. */
export interface Hunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  lines: string[];
}

const CONTEXT = 3;
const NOTHING = "/dev/null";
const NO_NEWLINE = "\\ No newline at end of file";

/** A unified diff with file headers; what was not there before, or is not any more, is `/dev/null`. */
export function formatDiff(
  path: string,
  hunks: readonly Hunk[],
  change: "created" | "changed" | "deleted" = "changed",
): string {
  const before = change === "created" ? NOTHING : path;
  const after = change === "deleted" ? NOTHING : path;
  const ranges = hunks.map(
    ({ oldStart, oldLines, newStart, newLines, lines }) =>
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@\n${lines.join("\n")}\n`,
  );
  return `--- ${before}\n+++ ${after}\n${ranges.join("")}`;
}

/** The change of a whole text as one hunk around all that differs; none where nothing does. */
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
