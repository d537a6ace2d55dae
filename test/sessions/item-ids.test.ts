import { expect, it } from "vitest";
import { ItemIds } from "../../src/sessions/item-ids.ts";

it("gives each native id one id, and what has none a fresh one", () => {
  const ids = new ItemIds();
  expect([ids.of("a"), ids.of(null), ids.of("b"), ids.of("a")]).toEqual([
    "itm_1",
    "itm_2",
    "itm_3",
    "itm_1",
  ]);
  expect([ids.find("b"), ids.find("c")]).toEqual(["itm_3", undefined]);
});

it("remembers thousands within a turn, and between turns those that were mentioned last", () => {
  const ids = new ItemIds();
  const native = Array.from({ length: 5000 }, (_, index) => `n${index}`);
  const given = native.map((id) => ids.of(id));
  expect(ids.find("n0")).toBe(given[0]);
  ids.of("n7");
  ids.trim();
  expect(ids.find("n0")).toBeUndefined();
  expect([ids.of("n7"), ids.of("n4999")]).toEqual([given[7], given[4999]]);
  expect(ids.of("n0")).toBe("itm_5001");
});
