import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { allInside, editedPaths } from "../../../src/agents/amp/inside.ts";
import { temporaryHome } from "../../support/sandbox.ts";

it("only what is really below the directory, and decides over nothing, is inside", async () => {
  await using home = await temporaryHome();
  const root = join(home.work, "root");
  await mkdir(join(root, "sub"), { recursive: true });
  await writeFile(join(home.work, "outside.txt"), "");
  await symlink(home.work, join(root, "up"));
  await symlink(join(home.work, "missing"), join(root, "dangling"));
  await symlink(join(root, "sub"), join(root, "within"));
  const inside = ["a.txt", "sub/new/deep.txt", join(root, "a.txt"), "sub/../b.txt", "within/c"];
  const outside = "../outside.txt up/x up/root dangling /etc/passwd . sub/../../x";
  const guarded = ".git/hooks/pre-commit sub/.amp/settings.json .AMP/settings.json";
  for (const path of inside) expect(await allInside(root, [path]), path).toBe(true);
  for (const path of `${outside} ${guarded}`.split(" "))
    expect(await allInside(root, ["a.txt", path]), path).toBe(false);
});

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
