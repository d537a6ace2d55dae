import { expect, it } from "vitest";
import { changedFiles } from "../../src/agents/claude/file-changes.ts";
import { unifiedDiff } from "../../src/agents/codex/items.ts";
import { exactHunks, factsOf, KnownFiles } from "../../src/agents/file-facts.ts";
import { type Change, diffTexts, formatDiff, readHunks } from "../../src/agents/unified-diff.ts";
import { gitApply } from "../support/git-apply.ts";

const many = Array.from({ length: 20 }, (_, n) => `line ${n}\n`).join("");

const TEXTS: [before: string, after: string][] = [
  ["one\ntwo\n", "one\n2\n"],
  ["one\ntwo", "one\ntwo\n"],
  ["one\ntwo\n", "one\ntwo"],
  ["one\ntwo", "one\n2"],
  ["one\r\ntwo\r\n", "one\r\n2\r\n"],
  ["one\r\ntwo\nthree\r\n", "one\r\n2\nthree\r\n"],
  ["one\r\ntwo\r\n", "one\ntwo\n"],
  ["one\rtwo\r", "one\r2\r"],
  ["one\r", "two\r"],
  ["\ufeffone\ntwo\n", "\ufeffone\n2\n"],
  ["a\u2028b\n\u0085\n", "a\u2028c\n\u0085\n"],
  ["a\0b\n", "a\0c\n"],
  ["--- a\n+++ b\n", "--- a\n+++ c\n@@ -1 +1 @@\n"],
  ["one\n", "one  \n\t\n"],
  ["\n\n", "\n"],
  ["one\ntwo\n", ""],
  ["", "one\n"],
  ["", "no newline"],
  [many, many.replace("line 10", "LINE 10")],
  [many, `${many}more\n`],
  [many, `more\n${many}`],
  [many, many.replace("line 3\n", "").replace("line 17", "x")],
];

const NAMES = [
  "/work/a.txt",
  "/a.txt",
  "/work/a b.txt",
  "/work/trailing ",
  "/work/it's.txt",
  '/work/"quoted".txt',
  "/work/tab\tand\nnewline\r.txt",
  "/work/back\\slash",
  "/work/bell\u0007\u007f",
  "/work/%2F.txt",
  "/work/é 日本.txt",
  "/work/a 2020-01-01 10:00:00 +0000",
  "/work/--- b",
  "/a/b/c d/e",
];

it.each(TEXTS)("git applies the change of %j to %j", (before, after) => {
  const path = "/work/a.txt";
  const diff = formatDiff(path, diffTexts(before, after));
  expect(gitApply(diff ?? "", { [path]: Buffer.from(before) }, [path])).toEqual({
    [path]: Buffer.from(after),
  });
});

it.each(NAMES)("git applies the changes of a file whose name is %j", (path) => {
  const [one, two] = [Buffer.from("one\n"), Buffer.from("two\n")];
  const changes: [Change, string, string][] = [
    ["changed", "one\n", "two\n"],
    ["created", "", "two\n"],
    ["deleted", "one\n", ""],
  ];
  for (const [change, before, after] of changes) {
    const diff = formatDiff(path, diffTexts(before, after), change) ?? "";
    const found = gitApply(diff, change === "created" ? {} : { [path]: one }, [path]);
    expect(found).toEqual(change === "deleted" ? {} : { [path]: two });
  }
  const to = `${path}.moved to`;
  for (const after of ["one\n", "two\n"]) {
    const moved = formatDiff(to, diffTexts("one\n", after), { from: path }) ?? "";
    expect(gitApply(moved, { [path]: one }, [path, to])).toEqual({ [to]: Buffer.from(after) });
  }
});

it("a change that a diff cannot express has none", () => {
  expect(formatDiff("/a", [])).toBeNull();
  expect(formatDiff("/a", diffTexts("", ""), "created")).toBeNull();
  expect(formatDiff("relative", diffTexts("a", "b"))).toBeNull();
  expect(formatDiff("/a\ufffd", diffTexts("a", "b"))).toBeNull();
  expect(formatDiff("/a", undefined)).toBeNull();
});

/** The diff of a text as an agent shows it that decodes a file and reads every line end as LF. */
function shownDiff(before: string, after: string): string {
  const [old, now] = [before, after].map((text) => text.replaceAll("\r\n", "\n"));
  return formatDiff("/work/a.txt", diffTexts(old ?? "", now ?? "")) ?? "";
}

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
const utf8 = (text: string) => Buffer.from(text);
const latin1 = (text: string) => Buffer.from(text, "latin1");
const CODED: [
  what: string,
  before: string,
  after: string,
  code: (text: string) => Buffer,
  keepsEnds: boolean,
  applies: boolean,
][] = [
  ["LF", "one\ntwo\n", "one\n2\n", utf8, false, true],
  ["CRLF", "one\r\ntwo\r\n", "one\r\n2\r\n3\r\n", utf8, true, true],
  ["CRLF without a last one", "one\r\ntwo", "one\r\n2", utf8, true, true],
  ["CRLF that becomes LF", "one\r\ntwo\r\n", "one\n2\n", utf8, false, false],
  ["mixed line ends", "one\r\ntwo\n", "one\r\n2\n", utf8, true, false],
  ["mixed line ends far away", `${many}x\r\n`, `0\n${many}x\r\n`, utf8, true, false],
  ["UTF-16", "one\ntwo\n", "one\n2\n", utf16, true, false],
  ["Latin-1", "caf\u00e9\ntwo\n", "caf\u00e9\n2\n", latin1, true, false],
  ["Latin-1 far away", `${many}caf\u00e9\n`, `0\n${many}caf\u00e9\n`, latin1, true, false],
  ["a byte order mark", "\ufeffone\ntwo\n", "\ufeffone\n2\n", utf8, true, true],
  [
    "a byte order mark far away",
    `\ufeff${many}`,
    `\ufeff${many.replace("17", "x")}`,
    utf8,
    true,
    true,
  ],
];

it.each(CODED)(
  "a diff of the text of a file with %s applies, or is null",
  (_, before, after, code, keepsEnds, applies) => {
    const path = "/work/a.txt";
    const decoded = (text: string) => code(text).toString(code === utf16 ? "utf16le" : "utf8");
    const shown = shownDiff(decoded(before), decoded(after));
    const hunks = exactHunks(readHunks(shown), factsOf(code(before)), { keepsEnds });
    const diff = formatDiff(path, hunks);
    expect(diff !== null).toBe(applies);
    if (diff === null) return;
    expect(gitApply(diff, { [path]: code(before) }, [path])).toEqual({ [path]: code(after) });
  },
);

it("a diff without the byte order mark, or without the missing last line end, is not exact", () => {
  const hunks = diffTexts("one\ntwo\n", "one\n2\n");
  const exact = (bytes: string) => exactHunks(hunks, factsOf(utf8(bytes)), { keepsEnds: true });
  expect(exact("\ufeffone\ntwo\n")).toBeUndefined();
  expect(exact("one\ntwo")).toBeUndefined();
  // Also of a file that was read after the change.
  expect(exact("one\n2")).toBeUndefined();
  expect(exact("one\ntwo\n")).toEqual(hunks);
});

it.each([
  ["a line that ends within", "@@ -1,3 +1,3 @@\n a\r-b\r+c\r d\r\n"],
  ["another file", "@@ -1,1 +1,1 @@\n-a\n+b\nIndex: b\n--- b\n+++ b\n@@ -1,1 +1,1 @@\n-a\n+b\n"],
  ["too few lines", "@@ -1,3 +1,3 @@\n a\n-b\n+c\n"],
  ["too many lines", "@@ -1,1 +1,1 @@\n-a\n+b\n c\n"],
])("a diff with %s has no hunks that are known", (_, diff) => {
  expect(readHunks(diff)).toBeUndefined();
});

const updated = (diff: string, move_path: string | null = null) =>
  ({ path: "/work/a.txt", kind: { type: "update", move_path }, diff }) as const;

it("the diff of Codex is null if a carriage return alone was taken for a line end", () => {
  const diff = "@@ -5,3 +5,3 @@\n-line 5\n+LINE 5\n b\r\n c\n";
  expect(unifiedDiff(updated(diff))).toBeNull();
  expect(unifiedDiff(updated(diff.replace("b\r", "b")))).not.toBeNull();
  expect(unifiedDiff(updated(diff.replaceAll(/\r?\n/g, "\r\n")))).not.toBeNull();
});

it("the diff of Codex is null if a file was moved onto another", () => {
  const moved = updated("@@ -1 +1 @@\n-one\n+two\n\n\nMoved to: /work/b.txt", "/work/b.txt");
  expect(unifiedDiff(moved, (path) => path === "/work/b.txt")).toBeNull();
  expect(unifiedDiff(moved, () => false)).toContain("rename to work/b.txt");
});

it("git applies the diff of Claude for an empty file that is written", () => {
  const path = "/work/a.txt";
  const files = new KnownFiles();
  files.set(path, factsOf(Buffer.alloc(0), true));
  const result = { type: "create", filePath: path, content: "one\n", structuredPatch: [] };
  const [ref] = changedFiles(result, files);
  const after = gitApply(ref?.diff ?? "", { [path]: Buffer.alloc(0) }, [path]);
  expect(after).toEqual({ [path]: Buffer.from("one\n") });
});
