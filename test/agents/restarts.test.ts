import { expect, it, vi } from "vitest";
import { Restarts } from "../../src/agents/restarts.ts";
import { fakeTimers } from "../support/fake-timers.ts";

const signal = new AbortController().signal;
const DAY_MS = 86_400_000;

it("a server that has died often starts again a minute later, whatever the time of day is", async () => {
  using timers = fakeTimers();
  const restarts = new Restarts("server");
  for (let n = 0; n < 4; n++) restarts.died("no luck");
  await expect(restarts.allowed(signal)).rejects.toThrow("4 times within a minute");
  vi.setSystemTime(Date.now() - DAY_MS);
  await timers.advance(59_999);
  await expect(restarts.allowed(signal)).rejects.toThrow("4 times within a minute");
  await timers.advance(1);
  await expect(restarts.allowed(signal)).resolves.toBeUndefined();
});

it("the pause before a start grows with each death of the last minute", async () => {
  using timers = fakeTimers();
  const restarts = new Restarts("server");
  for (const pauseMs of [0, 200, 1000, 3000]) {
    const allowed = vi.fn();
    const waiting = restarts.allowed(signal).then(allowed);
    if (pauseMs > 0) {
      await timers.advance(pauseMs - 1);
      expect(allowed).not.toHaveBeenCalled();
      await timers.advance(1);
    }
    await waiting;
    restarts.died("no luck");
  }
});
