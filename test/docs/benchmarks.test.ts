import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { comparisonBars, comparisonTable } from "../../bench/comparison.ts";

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

it("the table beside the reference is the recorded comparison", () => {
  const start = document.indexOf("## Beside the reference");
  const table = document.slice(start, document.indexOf("## Figures")).match(/^\|.*\|$/gm) ?? [];
  const cellsOf = (line: string) => line.split("|").map((cell) => cell.trim().replace(/^-+$/, "-"));
  expect(table.map(cellsOf)).toEqual(comparisonTable().split("\n").map(cellsOf));
});

it("the losses to the reference are named", () => {
  const losses = comparisonBars().filter(({ times }) => times < 1);
  expect(losses.length).toBeGreaterThan(0);
  const text = document.slice(
    document.indexOf("The reference is better in"),
    document.indexOf("## Figures"),
  );
  for (const { name } of losses) expect(text).toContain(`\`${name}\``);
});

it("the chart is the recorded comparison", () => {
  expect(document).toContain("](images/benchmarks.svg)");
  const folder = mkdtempSync(join(tmpdir(), "chart-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "chart.svg");
  run("--chart", file);
  expect(readFileSync(file, "utf8")).toBe(
    readFileSync(join(root, "docs/images/benchmarks.svg"), "utf8"),
  );
});

it("tells every option", () => {
  const options = run("--help").match(/--[a-z]+/g) ?? [];
  expect(options.length).toBeGreaterThan(4);
  for (const option of options) expect(document).toContain(option);
});
