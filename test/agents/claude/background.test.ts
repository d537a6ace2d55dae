import { expect, it } from "vitest";
import { Background } from "../../../src/agents/claude/background.ts";

const changed = (...ids: string[]) => ({
  type: "system",
  subtype: "background_tasks_changed",
  tasks: ids.map((task_id) => ({ task_id })),
});
const clock = { wall: () => 0, monotonic: () => 0 };
const call = (name: string, input: unknown = {}) => ({ name, input });

it("is done when no task is left", () => {
  const background = new Background(clock);
  expect(background.doneAt).toBe(0);
  background.takeLine(changed("a", "b"));
  expect([background.has("a"), background.has("c")]).toEqual([true, false]);
  expect(background.doneAt).toBe(Infinity);
  background.takeLine({ type: "system", subtype: "init" });
  expect(background.doneAt).toBe(Infinity);
  background.takeLine(changed());
  expect(background.doneAt).toBe(0);
});

it("is done some time after the CLI means to wake up, of which only the last time counts", () => {
  const background = new Background(clock);
  background.takeResult(call("ScheduleWakeup"), { scheduledFor: 1_000_000 });
  expect(background.doneAt).toBe(1_120_000);
  background.takeResult(call("ScheduleWakeup"), { scheduledFor: 500_000 });
  expect(background.doneAt).toBe(620_000);
});

it("is never done while something is planned again and again", () => {
  const background = new Background(clock);
  const recurring = { id: "c1", recurring: true, nextFireAt: 1 };
  background.takeResult(call("CronCreate"), recurring);
  background.takeResult(call("CronCreate"), { id: "c2", recurring: false, nextFireAt: 1_000_000 });
  expect(background.doneAt).toBe(Infinity);
  background.takeResult(call("CronDelete", { id: "c1" }), {});
  expect(background.doneAt).toBe(1_120_000);
  background.takeResult(call("CronCreate"), recurring);
  background.clear();
  expect(background.doneAt).toBe(0);
});

it.each([
  ["ScheduleWakeup", "Error: no"],
  ["CronCreate", undefined],
  ["Bash", { scheduledFor: 1 }],
])("plans nothing by %s with the result %j", (name, result) => {
  const background = new Background(clock);
  background.takeResult(call(name), result);
  expect(background.doneAt).toBe(0);
});

it("waits as long for a plan when the clock is set", () => {
  const clocks = { wall: 5_000_000, monotonic: 1_000 };
  const background = new Background({
    wall: () => clocks.wall,
    monotonic: () => clocks.monotonic,
  });
  background.takeResult(call("ScheduleWakeup"), { scheduledFor: 5_060_000 });
  expect(background.doneAt).toBe(1_000 + 60_000 + 120_000);
  clocks.wall -= 86_400_000;
  expect(background.doneAt).toBe(1_000 + 60_000 + 120_000);
});
