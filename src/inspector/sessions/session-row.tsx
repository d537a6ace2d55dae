import type { SessionInfo } from "../../schema/session.ts";
import { counted, formatAge, formatCost } from "../format.ts";
import { Link } from "../link.tsx";
import { Shown } from "../visible.tsx";
import { agentName } from "../agents/agent-name.ts";
import type { Whereabouts } from "../place.ts";
import { lastKnownStanding, openRequests, standingOf } from "./session-summary.ts";

/** One session in the list. */
export function SessionRow({
  session,
  where,
  isChosen,
  isStale,
  now,
}: {
  session: SessionInfo;
  where: Whereabouts;
  isChosen: boolean;
  /** The daemon cannot be reached, so the state may have changed. */
  isStale: boolean;
  now: number;
}) {
  const { sessionId, title, agent, model, usage, updatedAt, queuedMessages } = session;
  const { word, tone } = isStale ? lastKnownStanding(session) : standingOf(session);
  const open = isStale ? 0 : openRequests(session);
  const facts = [
    agentName(agent),
    ...(model === null || model === agent ? [] : [model]),
    ...(usage.cost_usd === undefined ? [] : [formatCost(usage.cost_usd)]),
    ...(queuedMessages === 0 ? [] : [`${queuedMessages} queued`]),
  ];
  return (
    <Link
      where={where}
      to={{ page: "session", sessionId }}
      isCurrent={isChosen}
      class={`row row-${tone}`}
      onKeyDown={walk}
    >
      <span class={`dot dot-${tone}`} aria-hidden="true" />
      <span class="row-line">
        <span class="row-title">
          <Shown text={title ?? sessionId} kind="name" />
        </span>
        <span class="row-age">{formatAge(updatedAt, now)}</span>
      </span>
      <span class="row-line row-more">
        <span class="row-facts">{facts.join(" · ")}</span>
        {open > 0 ? (
          <span class="badge badge-waiting" title={counted(open, "open request")}>
            {open} to answer
          </span>
        ) : (
          <span class="row-word">{word}</span>
        )}
      </span>
    </Link>
  );
}

/** Arrow keys go from one row to the next. */
function walk(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const item = event.currentTarget.closest(".scroll-row");
  const next = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling };
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  next[event.key]?.querySelector("a")?.focus();
  event.preventDefault();
}
