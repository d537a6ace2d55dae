import { expect, it } from "vitest";
import { Translator } from "../../../src/agents/codex/translate.ts";

it("a permission for files holds a unified diff of every change", () => {
  const translator = new Translator();
  const changes = [
    { path: "/w/new.txt", kind: { type: "add" }, diff: "line one\nline two\n" },
    { path: "/w/old.txt", kind: { type: "delete" }, diff: "gone" },
    { path: "/w/kept.txt", kind: { type: "update" }, diff: "@@ -1,1 +1,1 @@\n-a\n+b" },
    { path: "/w/last.txt", kind: { type: "update" }, diff: "@@ -1 +1 @@\n-c\n+d\n" },
  ];
  const item = { type: "fileChange", id: "i", status: "inProgress", changes };
  translator.translate("item/started", { item, threadId: "t", turnId: "u" }, "{}");
  expect(translator.change("i")?.diff).toBe(
    [
      "--- /dev/null\n+++ /w/new.txt\n@@ -0,0 +1,2 @@\n+line one\n+line two\n",
      "--- /w/old.txt\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-gone\n\\ No newline at end of file\n",
      "--- /w/kept.txt\n+++ /w/kept.txt\n@@ -1,1 +1,1 @@\n-a\n+b\n",
      "--- /w/last.txt\n+++ /w/last.txt\n@@ -1,1 +1,1 @@\n-c\n+d\n",
    ].join(""),
  );
});

it("a file that was moved is one that is deleted, and one with the diff", () => {
  const translator = new Translator();
  const diff = "@@ -1 +1 @@\n-a\n+b\n\n\nMoved to: /w/to.txt";
  const changes = [{ path: "/w/from.txt", kind: { type: "update", move_path: "/w/to.txt" }, diff }];
  const item = { type: "fileChange", id: "i", status: "completed", changes };
  const [output] = translator.translate("item/completed", { item, threadId: "t" }, "{}");
  expect(output?.type === "item.completed" && output.item.content.slice(1)).toEqual([
    { type: "file_ref", path: "/w/from.txt", action: "write", diff: null, deleted: true },
    {
      type: "file_ref",
      path: "/w/to.txt",
      action: "write",
      diff:
        "diff --git a/w/from.txt b/w/to.txt\nrename from w/from.txt\nrename to w/to.txt\n" +
        "--- a/w/from.txt\n+++ b/w/to.txt\n@@ -1,1 +1,1 @@\n-a\n+b\n",
    },
  ]);
});
