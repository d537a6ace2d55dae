import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { LargeLines, LineClaim } from "../../src/io/large-lines.ts";
import { Child } from "../../src/io/child.ts";

const MiB = 2 ** 20;
const never = 2 ** 30;

test("a line below 1 MiB needs no claim", () => {
  const lines = new LargeLines(never);
  for (let n = 0; n < 100; n++) expect(new LineClaim(lines).update(MiB - 1)).toBeUndefined();
});

test("three lines are collected at a time, the others in the order in which they came", async () => {
  const lines = new LargeLines(never);
  const claims = Array.from({ length: 6 }, () => new LineClaim(lines));
  const ready: number[] = [];
  for (const [index, claim] of claims.entries()) {
    void claim.update(MiB)?.then(() => ready.push(index));
  }
  await turn();
  expect(ready).toEqual([0, 1, 2]);
  expect(claims[0]?.update(5 * MiB)).toBeUndefined();
  void claims[1]?.update(0);
  await turn();
  expect(ready).toEqual([0, 1, 2, 3]);
  claims[1]?.release();
  claims[0]?.release();
  claims[2]?.release();
  await turn();
  expect(ready).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a line that is never completed does not keep the others waiting for ever", async () => {
  const lines = new LargeLines(1);
  for (let n = 0; n < 3; n++) await new LineClaim(lines).update(MiB);
  const late = new LineClaim(lines);
  await late.update(MiB);
  expect(late.update(2 * MiB)).toBeUndefined();
});

test.each([
  { progress: "get longer", passedMs: 0, checks: 12 },
  { progress: "do not get longer", passedMs: 1, checks: 1 },
])(
  "a line waits $checks times while those with a claim $progress",
  async ({ passedMs, checks }) => {
    const lines = new LargeLines(1);
    const now = vi.spyOn(performance, "now").mockReturnValue(1000);
    onTestFinished(() => now.mockRestore());
    for (let n = 0; n < 3; n++) await new LineClaim(lines).update(MiB);
    now.mockClear().mockReturnValue(1000 + passedMs);
    await new LineClaim(lines).update(MiB);
    // The last call belongs to the claim itself.
    expect(now).toHaveBeenCalledTimes(checks + 1);
  },
);

test("a claim that is closed while it waits does not block other lines", async () => {
  const lines = new LargeLines(never);
  const claims = Array.from({ length: 4 }, () => new LineClaim(lines));
  const taken = claims.map(async (claim) => await claim.update(MiB));
  await turn();
  for (const claim of claims.toReversed()) claim.close();
  await Promise.all(taken);
  for (let n = 0; n < 3; n++) await new LineClaim(lines).update(MiB);
});

test("8 children that print a line of 4 MiB at the same time, and exit, lose nothing", async () => {
  const lengths: number[] = [];
  const script = `process.stdout.write("x".repeat(${4 * MiB}) + "\\nend")`;
  const children = Array.from({ length: 8 }, () =>
    Child.start({
      file: process.execPath,
      args: ["-e", script],
      cwd: "/",
      env: {},
      stdin: "ignore",
      onLines: (lines) =>
        lengths.push(...lines.map((line) => (typeof line === "string" ? line.length : -1))),
    }),
  );
  await Promise.all(children.map((child) => child.exited));
  const expected = children.flatMap(() => [4 * MiB, 3]);
  expect(lengths.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
});
