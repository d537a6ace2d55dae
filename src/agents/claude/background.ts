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

/**
 * What a process does beside turns and would forget if it were ended: background tasks, and what
 * it means to do later, which the CLI tells of only in the results of the tools that planned it.
 */
export class Background {
  #tasks = new Set<string>();
  /** Until when each plan may still be carried out, in milliseconds since 1970. */
  readonly #plans = new RecentMap<number>();

  /** Whether a task of this id runs; a background subagent's is that of the agent. */
  has(taskId: string): boolean {
    return this.#tasks.has(taskId);
  }

  /** When there will be nothing left to do, in milliseconds since 1970; Infinity: not known. */
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
    if (wakeup) this.#plans.set("wakeup", wakeup.scheduledFor + LATE_MS);
    const cron = name === "CronCreate" && CronResult.safeParse(result).data;
    if (cron) {
      const once = !cron.recurring && cron.nextFireAt != null;
      this.#plans.set(cron.id, once ? Number(cron.nextFireAt) + LATE_MS : Infinity);
    }
    const deleted = name === "CronDelete" && CronDeleteInput.safeParse(input).data;
    if (deleted) this.#plans.delete(deleted.id);
  }

  /** The process has gone, and with it all of that. */
  clear(): void {
    this.#tasks.clear();
    this.#plans.clear();
  }
}
