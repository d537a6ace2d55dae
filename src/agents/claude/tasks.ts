import { z } from "zod";
import type { PlanEntry } from "../../schema/content.ts";
import { RecentMap } from "../../io/recent-map.ts";
import type { ToolCall } from "./tool-calls.ts";

/** A list of what is to do, as the model keeps it (2.1.330: off unless a variable turns it on). */
const Status = z.enum(["pending", "in_progress", "completed", "deleted"]).catch("pending");
const TodoWriteResult = z.object({
  newTodos: z.array(z.object({ content: z.string(), status: Status })),
});
const Task = z.object({ id: z.string(), subject: z.string() });
const TaskCreateResult = z.object({ task: Task });
const TaskUpdateResult = z.object({ success: z.literal(true), taskId: z.string() });
const TaskUpdateInput = z.object({
  status: Status.optional(),
  subject: z.string().optional(),
});
const TaskListResult = z.object({ tasks: z.array(Task.extend({ status: Status })) });

/** The tasks of a session, which its tools tell one change at a time. */
export class TaskList {
  readonly #tasks = new RecentMap<{ content: string; status: z.infer<typeof Status> }>({
    sizeOf: ({ content }) => content.length,
  });

  /** The whole list after a tool's result; undefined where the tool has not touched it. */
  take({ name, input }: ToolCall, result: unknown): PlanEntry[] | undefined {
    switch (name) {
      case "TodoWrite":
        return TodoWriteResult.safeParse(result).data?.newTodos.flatMap(toEntry);
      case "TaskCreate":
        return this.#create(TaskCreateResult.safeParse(result).data);
      case "TaskUpdate":
        return this.#update(
          TaskUpdateResult.safeParse(result).data,
          TaskUpdateInput.safeParse(input).data,
        );
      case "TaskList":
        return this.#replace(TaskListResult.safeParse(result).data);
      default:
        return undefined;
    }
  }

  #create(result: z.infer<typeof TaskCreateResult> | undefined): PlanEntry[] | undefined {
    if (!result) return undefined;
    const { id, subject } = result.task;
    this.#tasks.set(id, { content: subject, status: "pending" });
    return this.#entries();
  }

  #update(
    result: z.infer<typeof TaskUpdateResult> | undefined,
    input: z.infer<typeof TaskUpdateInput> | undefined,
  ): PlanEntry[] | undefined {
    const task = result && this.#tasks.get(result.taskId);
    if (!task || !input) return undefined;
    task.content = input.subject ?? task.content;
    task.status = input.status ?? task.status;
    return this.#entries();
  }

  /** All of it, also what a process before this one has been told. */
  #replace(result: z.infer<typeof TaskListResult> | undefined): PlanEntry[] | undefined {
    if (!result) return undefined;
    this.#tasks.clear();
    for (const { id, subject, status } of result.tasks) {
      this.#tasks.set(id, { content: subject, status });
    }
    return this.#entries();
  }

  #entries(): PlanEntry[] {
    return [...this.#tasks.values()].flatMap(toEntry);
  }
}

function toEntry({
  content,
  status,
}: {
  content: string;
  status: z.infer<typeof Status>;
}): PlanEntry[] {
  return status === "deleted" ? [] : [{ content, status }];
}
