import { expect, it } from "vitest";
import { editedPaths } from "../../../src/agents/amp/edited-paths.ts";

it("a patch names every file that it touches", () => {
  const lines = [
    "*** Begin Patch",
    "*** Add File: a",
    "+x",
    "*** Update File: b",
    "*** Move to: ../c",
    "@@",
    "-x",
    "+y",
    "*** Delete File:  d e ",
    "*** End Patch",
  ];
  const patchText = lines.join("\n");
  expect(editedPaths("apply_patch", { patchText })).toEqual(["a", "b", "../c", "d e"]);
  expect(editedPaths("apply_patch", { patchText: "" })).toBeUndefined();
  expect(editedPaths("create_file", { path: "/x" })).toEqual(["/x"]);
  expect(editedPaths("shell_command", { path: "/x" })).toBeUndefined();
});
