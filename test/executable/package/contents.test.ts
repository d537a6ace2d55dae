import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, inject, it } from "vitest";
import "../entry.ts";

const repository = join(import.meta.dirname, "../../..");
const MIB = 2 ** 20;

const project = inject("project");
const [tarball = ""] = (await readdir(project)).filter((name) => name.endsWith(".tgz"));

it("holds what is built, its licence and its description, in less than 2 MB", async () => {
  const { stdout } = await execa("tar", ["-tvzf", join(project, tarball)]);
  const files = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  const bytes = files.reduce((sum, [, , size]) => sum + Number(size), 0);
  expect(bytes).toBeLessThan(2 * MIB);
  const names = files.map((fields) => fields.at(-1)?.replace("package/", "") ?? "");
  expect(names.filter((name) => !name.startsWith("dist/")).toSorted()).toEqual([
    "LICENSE",
    "README.md",
    "package.json",
  ]);
  expect(names.filter((name) => !/\.(js|d\.ts)$/.test(name)).length).toBe(3);
});

const run = { cwd: repository, preferLocal: true, reject: false, all: true } as const;

it("publint finds nothing to mend", async () => {
  const { exitCode, all } = await execa("publint", [join(project, tarball), "--strict"], run);
  expect(exitCode, all).toBe(0);
});

it("its types are what its modules are, wherever they are imported from", async () => {
  // The package is ESM alone, and has no other name than its entry points.
  const args = [join(project, tarball), "--profile", "esm-only"];
  const { exitCode, all } = await execa("attw", args, run);
  expect(exitCode, all).toBe(0);
});
