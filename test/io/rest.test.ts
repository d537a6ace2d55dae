import { expect, it, vi } from "vitest";
import { Rest } from "../../src/io/rest.ts";
import { fakeTimers } from "../support/fake-timers.ts";

it("does its work once, after the time", async () => {
  using timers = fakeTimers();
  const rest = new Rest();
  const work = vi.fn(async () => undefined);
  rest.begin(50, work);
  await timers.advance(49);
  expect(work).not.toHaveBeenCalled();
  await timers.advance(1);
  expect(work).toHaveBeenCalledOnce();
  await timers.advance(1000);
  expect(work).toHaveBeenCalledOnce();
});

it("does nothing when it is called off, and begins anew when it is begun again", async () => {
  using timers = fakeTimers();
  const rest = new Rest();
  const done: string[] = [];
  rest.begin(20, async () => void done.push("first"));
  rest.end();
  await timers.advance(1000);
  expect(done).toEqual([]);
  rest.begin(20, async () => void done.push("second"));
  rest.begin(20, async () => void done.push("third"));
  await timers.advance(1000);
  expect(done).toEqual(["third"]);
});
