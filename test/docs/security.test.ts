import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repository } from "../repo/files.ts";

const document = await readFile(join(repository, "SECURITY.md"), "utf8");

/** The rows of the tables whose second column is headed `Test`. */
const promises = document
  .split(/^\| Promise .*$/m)
  .slice(1)
  .flatMap(
    (table) =>
      table
        .trimStart()
        .split(/\n(?!\|)/)[0]
        ?.split("\n")
        .slice(1) ?? [],
  )
  .map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .map(([, promise = "", tests = ""]) => ({ promise, tests }));

it("SECURITY.md lists promises for every kind of attacker", () => {
  const attackers = [...document.matchAll(/^### (.+)$/gm)].map(([, title]) => title);
  expect(attackers).toEqual([
    "Local users",
    "Web pages",
    "Repositories",
    "Agents",
    "Clients",
    "Supply chain",
  ]);
  expect(promises.length).toBeGreaterThan(25);
});

it.each(promises)("the promise '$promise' names tests that exist", ({ tests }) => {
  const paths = [...tests.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = ""]) => path);
  expect(paths).not.toEqual([]);
  for (const path of paths) expect(existsSync(join(repository, path)), path).toBe(true);
});
