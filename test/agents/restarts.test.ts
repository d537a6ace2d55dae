import { expect, it, vi } from "vitest";
import { Restarts } from "../../src/agents/restarts.ts";

const signal = new AbortController().signal;

it("lets a server start again a minute after it has died often, whatever the time of day is", async () => {
  let now = 1_000;
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const restarts = new Restarts("server", () => now);
    for (let n = 0; n < 4; n++) restarts.died("no luck");
    await expect(restarts.allowed(signal)).rejects.toThrow("4 times within a minute");
    vi.setSystemTime(Date.now() - 86_400_000);
    now += 60_000;
    await expect(restarts.allowed(signal)).resolves.toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});
