import { z } from "zod";
import { RecentMap } from "../../io/recent-map.ts";
import type { ToolCall } from "./tool-calls.ts";

/** How late the CLI may wake up: it spreads what is due by up to a minute (2.1.330). */
const LATE_MS = 120_000;

const TasksLine = z.object({
  subtype: z.literal("background_tasks_changed"),
  tasks: z.array(z.object({ task_id: z.string() })),
});
const WakeupResult = z.object({ scheduledFor: z.number() });
const CronResult = z.object({
  id: z.string(),
  recurring: z.boolean(),
  nextFireAt: z.number().nullish(),
});
const CronDeleteInput = z.object({ id: z.string() });

/** Two clocks in milliseconds: the time since 1970, which may be set, and a monotonic one. */
interface Clock {
  wall: () => number;
  monotonic: () => number;
}

/**
 * What a process does beside turns and would forget if it were ended: background tasks, and what
 * it means to do later, which the CLI tells of only in the results of the tools that planned it.
 */
export class Background {
  #tasks = new Set<string>();
  /** Until when each plan may still be carried out, in milliseconds of the monotonic clock. */
  readonly #plans = new RecentMap<number>();
  readonly #clock: Clock;

  constructor(clock: Clock = { wall: Date.now, monotonic: () => performance.now() }) {
    this.#clock = clock;
  }

  /** Whether a task of this id runs; a background subagent's is that of the agent. */
  has(taskId: string): boolean {
    return this.#tasks.has(taskId);
  }

  /** When nothing will be left to do, in milliseconds of the monotonic clock; Infinity: not known. */
  get doneAt(): number {
    return this.#tasks.size > 0 ? Infinity : Math.max(0, ...this.#plans.values());
  }

  /** Takes a system line. */
  takeLine(line: unknown): void {
    const changed = TasksLine.safeParse(line);
    if (changed.success) this.#tasks = new Set(changed.data.tasks.map(({ task_id }) => task_id));
  }

  /** Takes the result of a tool. */
  takeResult({ name, input }: ToolCall, result: unknown): void {
    const wakeup = name === "ScheduleWakeup" && WakeupResult.safeParse(result).data;
    if (wakeup) this.#plans.set("wakeup", this.#deadline(wakeup.scheduledFor));
    const cron = name === "CronCreate" && CronResult.safeParse(result).data;
    if (cron) {
      const once = !cron.recurring && cron.nextFireAt != null;
      this.#plans.set(cron.id, once ? this.#deadline(Number(cron.nextFireAt)) : Infinity);
    }
    const deleted = name === "CronDelete" && CronDeleteInput.safeParse(input).data;
    if (deleted) this.#plans.delete(deleted.id);
  }

  /** The CLI gives a time of day. The delay until then does not change when the clock is set. */
  #deadline(time: number): number {
    return this.#clock.monotonic() + (time - this.#clock.wall()) + LATE_MS;
  }

  /** The process has gone, and with it all of that. */
  clear(): void {
    this.#tasks.clear();
    this.#plans.clear();
  }
}
