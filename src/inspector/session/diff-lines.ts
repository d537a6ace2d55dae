/** A line of a unified diff as it is shown. */
export interface DiffLine {
  kind: "added" | "removed" | "same" | "place";
  text: string;
  /** Line numbers before and after; where there is none, undefined. */
  before?: number;
  after?: number;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** The lines of a unified diff, without the headers that name its files. */
export function diffLines(diff: string): DiffLine[] {
  const lines = diff.replace(/\n$/, "").split("\n");
  const found: DiffLine[] = [];
  let before: number | undefined;
  let after: number | undefined;
  for (const [index, line] of lines.entries()) {
    const hunk = HUNK.exec(line);
    const isHeader = line.startsWith("--- ") && lines[index + 1]?.startsWith("+++ ");
    const isSecond = line.startsWith("+++ ") && lines[index - 1]?.startsWith("--- ");
    if (hunk) {
      [before, after] = [Number(hunk[1]), Number(hunk[2])];
      found.push({ kind: "place", text: line });
    } else if (isHeader || (isSecond && before === undefined)) continue;
    else if (line.startsWith("+")) {
      found.push({ kind: "added", text: line.slice(1), ...numbered("after", after) });
      after = next(after);
    } else if (line.startsWith("-")) {
      found.push({ kind: "removed", text: line.slice(1), ...numbered("before", before) });
      before = next(before);
    } else if (line.startsWith("\\")) {
      found.push({ kind: "place", text: line.slice(2) });
    } else {
      const numbers = { ...numbered("before", before), ...numbered("after", after) };
      found.push({ kind: "same", text: line.slice(1), ...numbers });
      [before, after] = [next(before), next(after)];
    }
  }
  return found;
}

function numbered(name: "before" | "after", number: number | undefined): Partial<DiffLine> {
  return number === undefined ? {} : { [name]: number };
}

function next(number: number | undefined): number | undefined {
  return number === undefined ? undefined : number + 1;
}
