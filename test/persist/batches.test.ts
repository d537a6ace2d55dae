import { setImmediate as tick } from "node:timers/promises";
import { expect, it } from "vitest";
import { batches } from "../../src/persist/batches.ts";
import type { UniversalEvent } from "../../src/schema/event.ts";
import { collectAll } from "../support/sse.ts";
import { someEvent, someEvents } from "./contract.ts";

const LIMITS = { maxEvents: 10, maxCharacters: 1_000_000 };

/** Gives events, after each of which nothing comes for a while where that is asked for. */
async function* coming(
  events: UniversalEvent[],
  { slowly = false, error }: { slowly?: boolean; error?: Error } = {},
): AsyncGenerator<UniversalEvent> {
  for (const event of events) {
    yield event;
    if (slowly) for (let ticks = 0; ticks < 5; ticks++) await tick();
  }
  if (error) throw error;
}

const sizes = (given: UniversalEvent[][]) => given.map(({ length }) => length);

it("what is there is taken together, up to the limit", async () => {
  const given = await collectAll(batches(coming(someEvents(1, 25)), LIMITS));
  expect(sizes(given)).toEqual([10, 10, 5]);
  expect(given.flat()).toEqual(someEvents(1, 25));
});

it("what comes slowly is not waited for", async () => {
  const given = await collectAll(batches(coming(someEvents(1, 3), { slowly: true }), LIMITS));
  expect(sizes(given)).toEqual([1, 1, 1]);
});

it("large events are not gathered", async () => {
  const large = someEvents(1, 4).map(({ sequence }) => someEvent(sequence, "x".repeat(400_000)));
  const given = await collectAll(batches(coming(large), LIMITS));
  expect(sizes(given)).toEqual([1, 1, 1, 1]);
});

it("what came before an error is given before it", async () => {
  const error = new Error("broken off");
  const given: UniversalEvent[][] = [];
  const taking = (async () => {
    for await (const batch of batches(coming(someEvents(1, 12), { error }), LIMITS)) {
      given.push(batch);
    }
  })();
  await expect(taking).rejects.toBe(error);
  expect(sizes(given)).toEqual([10, 2]);
});

it("no event makes no batch", async () => {
  expect(await collectAll(batches(coming([]), LIMITS))).toEqual([]);
});
