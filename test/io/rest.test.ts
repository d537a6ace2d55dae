import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Rest } from "../../src/io/rest.ts";

it("does its work once, after the time", async () => {
  const rest = new Rest();
  const begun = performance.now();
  const over = Promise.withResolvers<number>();
  rest.begin(50, async () => over.resolve(performance.now() - begun));
  expect(await over.promise).toBeGreaterThan(45);
});

it("does nothing when it is called off, and begins anew when it is begun again", async () => {
  const rest = new Rest();
  const done: string[] = [];
  rest.begin(20, async () => void done.push("first"));
  rest.end();
  await sleep(60);
  expect(done).toEqual([]);
  rest.begin(20, async () => void done.push("second"));
  rest.begin(20, async () => void done.push("third"));
  await expect.poll(() => done).toEqual(["third"]);
  await sleep(60);
  expect(done).toEqual(["third"]);
});
