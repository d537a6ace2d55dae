import { expect, it } from "vitest";
import { diffTexts, formatDiff, type Hunk } from "../../src/agents/unified-diff.ts";

/** The text after a hunk, worked out from the text before it, whose lines the hunk must repeat. */
function apply(before: string, hunks: Hunk[]): string {
  const lines = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  for (const { oldStart, oldLines, newLines, lines: marked } of hunks) {
    const sides: Record<string, string[]> = { old: [], new: [] };
    for (const [index, line] of marked.entries()) {
      if (line.startsWith("\\")) continue;
      const end = marked[index + 1]?.startsWith("\\") ? "" : "\n";
      if (line[0] !== "+") sides["old"]?.push(line.slice(1) + end);
      if (line[0] !== "-") sides["new"]?.push(line.slice(1) + end);
    }
    const start = oldLines === 0 ? oldStart : oldStart - 1;
    expect(lines.slice(start, start + oldLines)).toEqual(sides["old"]);
    expect(sides["new"]).toHaveLength(newLines);
    lines.splice(start, oldLines, ...(sides["new"] ?? []));
  }
  return lines.join("");
}

const many = Array.from({ length: 20 }, (_, n) => `line ${n}\n`).join("");

it.each([
  ["", "one\ntwo\n"],
  ["", "no newline"],
  ["one\ntwo\n", ""],
  ["one\ntwo\n", "one\n2\n"],
  ["one\ntwo", "one\ntwo\n"],
  ["a\n", "a\na\n"],
  ["a\na\na\n", "a\n"],
  ["\n\n", "\n"],
  [many, many.replace("line 10", "LINE 10")],
  [many, `${many}more\n`],
  [many, `more\n${many}`],
  [many, many.replace("line 3\n", "").replace("line 17", "x")],
])("the change of %j to %j is undone and done by its hunk", (before, after) => {
  const hunks = diffTexts(before, after);
  expect(hunks).toHaveLength(1);
  expect(apply(before, hunks)).toBe(after);
});

it("nothing changed has no hunk", () => {
  expect(diffTexts(many, many)).toEqual([]);
});

it("shows three lines around a change and no more", () => {
  const [hunk] = diffTexts(many, many.replace("line 10", "LINE 10"));
  expect(hunk).toMatchObject({ oldStart: 8, oldLines: 7, newStart: 8, newLines: 7 });
});

it("is written with file headers, a new file against /dev/null", () => {
  expect(formatDiff("/a b.txt", diffTexts("", "x"), "created")).toBe(
    "--- /dev/null\n+++ /a b.txt\t\n@@ -0,0 +1,1 @@\n+x\n\\ No newline at end of file\n",
  );
  expect(formatDiff("/a", diffTexts("x\n", ""))).toBe("--- /a\n+++ /a\n@@ -1,1 +0,0 @@\n-x\n");
});
