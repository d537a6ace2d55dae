/** A line of a unified diff as it is shown. */
export interface DiffLine {
  kind: "added" | "removed" | "same" | "place";
  text: string;
  /** Line numbers before and after; where there is none, undefined. */
  before?: number;
  after?: number;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/**
 * The lines of a unified diff without the headers of its first file. A line of a hunk is never taken
 * for a header, whatever it begins with: hunks have as many lines as they announce.
 */
export function diffLines(diff: string): DiffLine[] {
  const lines = (diff.endsWith("\n") ? diff.slice(0, -1) : diff).split("\n");
  const found: DiffLine[] = [];
  let [before, after, removals, additions] = [0, 0, 0, 0];
  let isNumbered = false;
  const isHeader = (at: number) =>
    lines[at]?.startsWith("--- ") === true && lines[at + 1]?.startsWith("+++ ") === true;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const isInHunk = removals > 0 || additions > 0;
    const hunk = isInHunk ? null : HUNK.exec(line);
    if (hunk) {
      [before, removals] = [Number(hunk[1]), Number(hunk[2] ?? 1)];
      [after, additions] = [Number(hunk[3]), Number(hunk[4] ?? 1)];
      isNumbered = true;
      found.push({ kind: "place", text: line });
    } else if (!isInHunk && isHeader(at)) {
      // The paths of the first file are shown beside the diff.
      if (at > 0)
        found.push({ kind: "place", text: line }, { kind: "place", text: lines[at + 1] ?? "" });
      at++;
      isNumbered = false;
    } else if (line.startsWith("+")) {
      found.push({ kind: "added", text: line.slice(1), ...(isNumbered && { after: after++ }) });
      additions--;
    } else if (line.startsWith("-")) {
      found.push({ kind: "removed", text: line.slice(1), ...(isNumbered && { before: before++ }) });
      removals--;
    } else if (line.startsWith("\\ ")) {
      found.push({ kind: "place", text: line.slice(2) });
    } else if (line.startsWith(" ") || (line === "" && isInHunk)) {
      const numbers = isNumbered ? { before: before++, after: after++ } : {};
      found.push({ kind: "same", text: line.slice(1), ...numbers });
      removals--;
      additions--;
    } else found.push({ kind: "place", text: line });
  }
  return found;
}
