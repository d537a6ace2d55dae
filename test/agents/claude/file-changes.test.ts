import { describe, expect, it } from "vitest";
import {
  changedFiles,
  deletedFiles,
  touchedFiles,
} from "../../../src/agents/claude/file-changes.ts";

describe("a command that has succeeded", () => {
  it.each([
    ["rm a.txt", ["/work/a.txt"]],
    ["  rm -rf  build  ./b/c.txt ", ["/work/build", "/work/b/c.txt"]],
    ["rm /etc/a.txt", ["/etc/a.txt"]],
    ["rm", []],
    ["rm -r", []],
    ["rm *.txt", []],
    ["rm 'a b.txt'", []],
    ["rm $FILE", []],
    ["rm ~/a.txt", []],
    ["rm a.txt && touch a.txt", []],
    ["rm a.txt; true", []],
    ["rm a\\ b.txt", []],
    ["rm a.txt # comment", []],
    ["rm a.txt > log", []],
    ["rm a.txt\ntouch a.txt", []],
    ["rmdir a", []],
    ["git rm a.txt", []],
  ])("%j has deleted %j for sure", (command, paths) => {
    expect(deletedFiles(command, "/work").map(({ path }) => path)).toEqual(paths);
  });

  it("tells only absolute names where the shell may be anywhere", () => {
    expect(deletedFiles("rm a.txt /b.txt", undefined)).toEqual([
      { type: "file_ref", path: "/b.txt", action: "write", diff: null, deleted: true },
    ]);
  });
});

it.each([
  ["Bash", { stdout: "", stderr: "", interrupted: false }],
  ["Read", { type: "text", file: { filePath: "/a", content: "x" } }],
  ["an error", "Error: no"],
  ["nothing", undefined],
])("the account of %s changes no file", (_, account) => {
  expect(changedFiles(account)).toEqual([]);
});

it.each([
  ["Write", { file_path: "/a", content: "x\n" }, "The file /a has been updated", "write"],
  ["Edit", { file_path: "/a", old_string: "x", new_string: "y" }, "updated", "patch"],
  ["NotebookEdit", { notebook_path: "/a", new_source: "x" }, "Updated cell", "patch"],
])("%s without an account tells the file and no diff", (name, input, words, action) => {
  expect(touchedFiles({ name, input }, words)).toEqual([
    { type: "file_ref", path: "/a", action, diff: null },
  ]);
});

it.each([
  ["Read", { file_path: "/a" }],
  ["Bash", { command: "touch /a" }],
])("%s without an account changes no file", (name, input) => {
  expect(touchedFiles({ name, input }, "")).toEqual([]);
});
