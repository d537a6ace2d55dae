import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Garbage, thisRuntime } from "../../src/io/garbage.ts";

const MiB = 2 ** 20;

const never = 2 ** 30;

/** A runtime in which a collection leaves `live` bytes. */
function fakeRuntime(live: number, restMs = never) {
  const state = { resident: live, collections: 0 };
  const runtime = {
    collect() {
      state.collections += 1;
      state.resident = live;
    },
    residentBytes: () => state.resident,
  };
  const garbage = new Garbage(runtime, restMs);
  return { state, garbage };
}

test("collects when much has passed and memory is taken that is not accounted for", async () => {
  const { state, garbage } = fakeRuntime(100 * MiB);
  garbage.watch(() => 0);
  state.resident = 130 * MiB;
  garbage.passed(40 * MiB);
  await turn();
  expect(state.collections).toBe(0);
  state.resident = 250 * MiB;
  garbage.passed(MiB);
  await turn();
  expect(state.collections).toBe(0);
  garbage.passed(40 * MiB);
  // The caller still refers to the last message.
  expect(state.collections).toBe(0);
  await turn();
  expect(state.collections).toBe(1);
});

test("collects at once when more messages pass before the next turn of the event loop", () => {
  const { state, garbage } = fakeRuntime(100 * MiB);
  garbage.watch(() => 0);
  state.resident = 250 * MiB;
  garbage.passed(40 * MiB);
  expect(state.collections).toBe(0);
  garbage.passed(40 * MiB);
  expect(state.collections).toBe(1);
});

test("collects nothing while the memory is that of events", async () => {
  const { state, garbage } = fakeRuntime(100 * MiB);
  let events = 0;
  garbage.watch(() => events);
  for (let n = 0; n < 10; n++) {
    events += 40 * MiB;
    state.resident += 40 * MiB;
    garbage.passed(40 * MiB);
    await turn();
  }
  expect(state.collections).toBe(0);
});

test("does not collect again and again when memory is in use for another reason", async () => {
  const { state, garbage } = fakeRuntime(400 * MiB);
  state.resident = 100 * MiB;
  garbage.watch(() => 0);
  for (let n = 0; n < 10; n++) {
    state.resident = Math.max(state.resident, 400 * MiB);
    garbage.passed(40 * MiB);
    await turn();
  }
  expect(state.collections).toBe(1);
});

test("collects once in the rest after a burst", async () => {
  const { state, garbage } = fakeRuntime(100 * MiB, 1);
  garbage.watch(() => 0);
  garbage.passed(40 * MiB);
  expect(state.collections).toBe(0);
  await expect.poll(() => state.collections).toBe(1);
});

test("does nothing before the call of watch", async () => {
  const { state, garbage } = fakeRuntime(100 * MiB);
  state.resident = 1000 * MiB;
  garbage.passed(400 * MiB);
  await turn();
  expect(state.collections).toBe(0);
});

test("this runtime collects what nothing refers to", async () => {
  const left = leaveGarbage();
  await turn();
  thisRuntime.collect();
  expect(left.deref()).toBeUndefined();
  expect(thisRuntime.residentBytes()).toBeGreaterThan(MiB);
});

/** Not inlined, because the frame of a waiting test keeps its objects. */
function leaveGarbage(): WeakRef<object> {
  return new WeakRef({ large: "x".repeat(MiB) });
}
