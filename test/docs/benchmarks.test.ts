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

it("has a chart of what the executable is beside the reference, and it shows these figures", () => {
  expect(document).toContain("](images/benchmarks.svg)");
  const svg = readFileSync(join(root, "docs/images/benchmarks.svg"), "utf8");
  const drawn = new Map(
    [...svg.matchAll(/>([\w-]+)<\/text><rect class="(\w+)".*>([\d.]+) times</g)].map(
      ([, name = "", kind = "", times = ""]) => [name, { kind, times: Number(times) }],
    ),
  );
  const told = [...rows].flatMap(([name, [, , executable = "", reference = ""]]) => {
    const [ours, theirs] = [executable, reference].map((cell) => numberIn(cell));
    if (ours === undefined || theirs === undefined) return [];
    return [{ name, better: Math.max(ours / theirs, theirs / ours) }];
  });
  expect([...drawn.keys()]).toEqual(told.map(({ name }) => name));
  expect(told.length).toBeGreaterThan(10);
  for (const { name, better } of told) {
    const { kind, times = 0 } = drawn.get(name) ?? {};
    // Figures are rounded to three digits, and what is drawn to two.
    const shown = kind === "worse" ? 1 / times : times;
    expect(Math.abs(shown / better - 1), name).toBeLessThan(0.06);
  }
});

/** The figure of a cell; undefined where there is none. */
function numberIn(cell: string): number | undefined {
  const number = Number.parseFloat(cell.replaceAll(",", ""));
  return Number.isNaN(number) ? undefined : number;
}

it("tells every option", () => {
  const options = run("--help").match(/--[a-z]+/g) ?? [];
  expect(options.length).toBeGreaterThan(4);
  for (const option of options) expect(document).toContain(option);
});
