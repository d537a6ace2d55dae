import type { PlanEntry } from "../../schema/content.ts";
import { Fold } from "./fold.tsx";

const marks = { completed: "✓", in_progress: "▸", pending: "○" };
const words = { completed: "done", in_progress: "in progress", pending: "to do" };

/** The steps of a plan. */
export function PlanList({ entries }: { entries: readonly PlanEntry[] }) {
  return (
    <ol class="plan">
      {entries.map(({ content, status }, index) => (
        <li key={index} class={`plan-${status}`}>
          <span class="plan-mark" role="img" aria-label={words[status]}>
            {marks[status]}
          </span>
          <span>{content}</span>
        </li>
      ))}
    </ol>
  );
}

/** The newest plan, which stays in sight. */
export function PinnedPlan({ entries }: { entries: readonly PlanEntry[] }) {
  if (entries.length === 0) return null;
  const done = entries.filter(({ status }) => status === "completed").length;
  const now = entries.find(({ status }) => status === "in_progress");
  const head = (
    <>
      <strong>
        Plan {done}/{entries.length}
      </strong>{" "}
      <span class="soft">{now?.content}</span>
    </>
  );
  return (
    <Fold name="plan" class="pinned" head={head}>
      {() => <PlanList entries={entries} />}
    </Fold>
  );
}
