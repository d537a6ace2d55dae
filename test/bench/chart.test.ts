import { expect, it } from "vitest";
import { chart } from "../../bench/chart.ts";
import { comparisonBars } from "../../bench/comparison.ts";
import recorded from "../../bench/reference.json" with { type: "json" };

it("the comparison counts how many times better the executable is, whichever way is better", () => {
  const times = new Map(comparisonBars().map((bar) => [bar.name, bar.times]));
  const { create, "replay-sse": replay } = recorded.measures;
  expect(times.get("create")).toBe(create.executable.value / create.reference.value);
  expect(times.get("replay-sse")).toBe(replay.reference.value / replay.executable.value);
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
