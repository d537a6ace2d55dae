import { expect, it } from "vitest";
import { bars, chart } from "../../bench/chart.ts";
import type { Row } from "../../bench/support/table.ts";

function row(name: string, value: number | undefined, lessIsBetter?: true): Row {
  const run = () => Promise.resolve({ value: 0 });
  const measure = { name, method: "", unit: "", run, ...(lessIsBetter && { lessIsBetter }) };
  return { measure, ours: { value: 1 }, other: value === undefined ? new Error("no") : { value } };
}

it("compares with the reference, whichever way is better", () => {
  expect(
    bars([
      row("ingest-1", 184_000),
      row("replay-sse", 72, true),
      row("health", 32_000),
      row("create", undefined),
      row("turn-2", 3, true),
    ]),
  ).toEqual([
    { name: "ingest-1", times: 2 },
    { name: "replay-sse", times: 10 },
    { name: "health", times: 0.5 },
  ]);
});

it("draws what is better to the right of the middle, and what is worse to its left", () => {
  const svg = chart(
    [
      { name: "fast", times: 10 },
      { name: "slow", times: 0.1 },
    ],
    "a title",
  );
  const line = Number(/<line class="line" x1="([\d.]+)"/.exec(svg)?.[1]);
  const drawn = [...svg.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="\d+" width="([\d.]+)"/g)];
  expect(drawn.map(([, kind]) => kind)).toEqual(["better", "worse"]);
  expect(Number(drawn[0]?.[2])).toBe(line);
  expect(Number(drawn[1]?.[2]) + Number(drawn[1]?.[3])).toBe(line);
  expect(drawn[0]?.[3]).toBe(drawn[1]?.[3]);
  expect(svg).toContain(">10 times<");
  expect(svg).toContain(">0.10 times<");
});
