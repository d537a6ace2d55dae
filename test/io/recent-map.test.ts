import { expect, it } from "vitest";
import { RecentMap, sizeOfJson } from "../../src/io/recent-map.ts";

it("keeps the newest entries", () => {
  const map = new RecentMap<number>({ max: 3 });
  for (let n = 0; n < 10; n++) map.set(`k${n}`, n);
  expect(map.entries()).toEqual([
    ["k7", 7],
    ["k8", 8],
    ["k9", 9],
  ]);
});

it("keeps an existing entry in its place", () => {
  const map = new RecentMap<number>({ max: 2 });
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  expect(map.values()).toEqual([3, 2]);
  map.set("c", 4);
  expect([...map.keys()]).toEqual(["b", "c"]);
});

it("bounds the sum of sizes and keeps a single larger value alone", () => {
  const map = new RecentMap<string>({ sizeOf: ({ length }) => length, maxSize: 100 });
  for (const key of ["a", "b", "c"]) map.set(key, "x".repeat(40));
  expect([...map.keys()]).toEqual(["b", "c"]);
  map.set("large", "x".repeat(1000));
  expect([...map.keys()]).toEqual(["large"]);
  map.set("small", "x");
  expect([...map.keys()]).toEqual(["small"]);
});

it("drops newer entries when the oldest one becomes too large", () => {
  const map = new RecentMap<string>({ sizeOf: ({ length }) => length, maxSize: 100 });
  for (const key of ["a", "b", "c"]) map.set(key, "x".repeat(30));
  map.set("a", "x".repeat(60));
  expect([...map.keys()]).toEqual(["a", "c"]);
});

it("counts long keys", () => {
  const map = new RecentMap<true>({ maxSize: 1000 });
  for (let n = 0; n < 100; n++) map.set(`${n}`.padEnd(300), true);
  expect(map.size).toBe(3);
});

it("frees the size of deleted and replaced entries", () => {
  const map = new RecentMap<string>({ sizeOf: ({ length }) => length, maxSize: 100 });
  for (let n = 0; n < 10; n++) map.set("same", "x".repeat(90));
  map.delete("same");
  map.set("a", "x".repeat(45));
  map.set("b", "x".repeat(45));
  expect(map.size).toBe(2);
});

it("takes names that objects inherit", () => {
  const map = new RecentMap<number>();
  for (const name of ["__proto__", "constructor", "toString"]) {
    expect(map.get(name)).toBeUndefined();
    map.set(name, 1);
    expect(map.get(name)).toBe(1);
  }
});

it("measures data of JSON", () => {
  expect(sizeOfJson({ text: "x".repeat(1000), list: [1, null] })).toBeGreaterThan(1000);
});
