import { expect, it } from "vitest";
import { diffLines } from "../../src/inspector/session/diff-lines.ts";

const shown = (diff: string) => diffLines(diff).map(({ kind, text }) => `${kind} ${text}`);

it("lines of a hunk that look like headers are shown", () => {
  const diff = "--- a\n+++ a\n@@ -1,2 +1,2 @@\n--- check(user)\n+++ skip(user)\n-x\n+y\n";
  expect(shown(diff)).toEqual([
    "place @@ -1,2 +1,2 @@",
    "removed -- check(user)",
    "added ++ skip(user)",
    "removed x",
    "added y",
  ]);
});

it("the headers of a second file name it", () => {
  const diff = "--- a\n+++ a\n@@ -1 +1 @@\n-x\n+y\n--- b\n+++ b\n@@ -1 +1 @@\n-p\n+q\n";
  expect(shown(diff)).toEqual([
    "place @@ -1 +1 @@",
    "removed x",
    "added y",
    "place --- b",
    "place +++ b",
    "place @@ -1 +1 @@",
    "removed p",
    "added q",
  ]);
});

it("a line that belongs to no hunk is shown from its first character", () => {
  expect(shown("*** Update File: a\n@@ -1 +1 @@\n-x\n+y\nstray\n")).toEqual([
    "place *** Update File: a",
    "place @@ -1 +1 @@",
    "removed x",
    "added y",
    "place stray",
  ]);
});

it("lines are numbered before and after", () => {
  const diff = "--- a\n+++ a\n@@ -4,2 +4,2 @@\n same\n-x\n+y\n\\ No newline at end of file\n";
  expect(diffLines(diff)).toEqual([
    { kind: "place", text: "@@ -4,2 +4,2 @@" },
    { kind: "same", text: "same", before: 4, after: 4 },
    { kind: "removed", text: "x", before: 5 },
    { kind: "added", text: "y", after: 5 },
    { kind: "place", text: "No newline at end of file" },
  ]);
});
