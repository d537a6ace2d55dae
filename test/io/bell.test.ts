import { createHook } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Bell } from "../../src/io/bell.ts";

/** Timers that were made during a test and not yet given back, by async id. */
const timers = new Set<number>();
const hook = createHook({
  init: (id, type) => {
    if (type === "Timeout") timers.add(id);
  },
  destroy: (id) => {
    timers.delete(id);
  },
});

describe("a bell", () => {
  beforeEach(() => {
    timers.clear();
    hook.enable();
  });
  afterEach(() => hook.disable());

  test("wakes all who wait, each once, before any timer or input", async () => {
    const bell = new Bell();
    const woken: string[] = [];
    const waits = ["a", "b", "c"].map(async (name) => woken.push(name + (await bell.wait())));
    bell.ring();
    bell.ring();
    expect(woken).toEqual([]);
    await Promise.all(waits);
    expect(woken).toEqual(["arung", "brung", "crung"]);
  });

  test("does not remember a ring that nobody waited for", async () => {
    const bell = new Bell();
    bell.ring();
    expect(await bell.wait({ timeoutMs: 1 })).toBe("timeout");
  });

  test("lets whoever waits again be woken by the next ring only", async () => {
    const bell = new Bell();
    const rings: number[] = [];
    const reader = (async () => {
      for (let n = 0; n < 2; n++) {
        await bell.wait();
        rings.push(n);
      }
    })();
    bell.ring();
    await turn();
    expect(rings).toEqual([0]);
    bell.ring();
    await reader;
    expect(rings).toEqual([0, 1]);
  });

  test("tells at once that a signal has aborted before", async () => {
    expect(await new Bell().wait({ signal: AbortSignal.abort() })).toBe("aborted");
  });

  const ends: [string, (bell: Bell, abort: () => void) => void, number][] = [
    ["rung", (bell) => bell.ring(), 60_000],
    ["aborted", (_bell, abort) => abort(), 60_000],
    ["timeout", () => {}, 1],
  ];
  test.each(ends)(
    "leaves no listener, timer or waiter when a wait was %s",
    async (how, end, timeoutMs) => {
      const bell = new Bell();
      const controller = new AbortController();
      const { signal } = controller;
      const waits = Array.from({ length: 50 }, () => bell.wait({ signal, timeoutMs }));
      expect(bell.waiting).toBe(50);
      expect(getEventListeners(signal, "abort")).toHaveLength(50);
      expect(timers.size).toBeGreaterThanOrEqual(50);
      const before = new Set(timers);
      end(bell, () => controller.abort());
      expect(new Set(await Promise.all(waits))).toEqual(new Set([how]));
      expect(bell.waiting).toBe(0);
      expect(getEventListeners(signal, "abort")).toEqual([]);
      await turn();
      await turn();
      expect([...before].filter((id) => timers.has(id)).length).toBeLessThan(50);
    },
  );
});
