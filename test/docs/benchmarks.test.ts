import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { recorded } from "../../bench/recorded.ts";

const root = join(import.meta.dirname, "../..");
const document = readFileSync(join(root, "docs/benchmarks.md"), "utf8");
const run = (...args: string[]) =>
  execFileSync(process.execPath, [join(root, "bench/main.ts"), ...args], { encoding: "utf8" });

const figures = document.slice(document.indexOf("## Figures"));

/** The cells of each row of figures, by the measure's name. */
const rows = new Map(
  [...figures.matchAll(/^\| `([\w-]+)` +\|(.*)\|$/gm)].map(([, name = "", cells = ""]) => [
    name,
    cells.split("|").map((cell) => cell.trim()),
  ]),
);

it("has a row for every measure, in the order in which they are made", () => {
  const names = run("--list")
    .trim()
    .split("\n")
    .map((line) => line.split(":")[0]);
  expect([...rows.keys()]).toEqual(names);
});

it("repeats what was recorded of others", () => {
  for (const [name, [, , , reference, node, bun]] of rows) {
    const known = recorded[name];
    expect([reference, node, bun], name).toEqual([
      known?.reference ?? "",
      known?.node ?? "",
      known?.bun ?? "",
    ]);
  }
});

it("tells every option", () => {
  const options = run("--help").match(/--[a-z]+/g) ?? [];
  expect(options.length).toBeGreaterThan(4);
  for (const option of options) expect(document).toContain(option);
});
