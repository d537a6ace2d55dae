import { useRef, useState } from "preact/hooks";
import type { View } from "../view.ts";
import { Link } from "../link.tsx";
import { type ListHandle, VirtualList } from "../virtual-list.tsx";
import { SessionRow } from "./session-row.tsx";
import { matchingSessions } from "./session-summary.ts";

/** Many enough that one looks for one of them. */
const MANY = 8;
const ROW_PX = 62;

/** All sessions, the newest first; arrow keys go from one to the next. */
export function SessionList({ daemon, where, chosen }: View & { chosen: string | undefined }) {
  const [text, setText] = useState("");
  const sessions = daemon.sessions.value ?? [];
  const matching = matchingSessions(sessions, text);
  const now = daemon.lookedAt.value;
  const isStale = daemon.state.value.kind === "away";
  const list = useRef<ListHandle>(undefined);
  return (
    <aside class="list" aria-label="Sessions">
      <div class="list-head">
        <h2>
          Sessions <span class="count">{sessions.length.toLocaleString("en")}</span>
        </h2>
        <Link where={where} to={{ page: "new" }} class="button button-small button-primary">
          New session
        </Link>
      </div>
      {sessions.length >= MANY && (
        <input
          class="list-filter"
          type="search"
          aria-label="Filter sessions"
          placeholder="Filter"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      )}
      {matching.length === 0 ? (
        <p class="list-empty">{sessions.length === 0 ? "None yet." : `None has “${text}”.`}</p>
      ) : (
        <VirtualList
          key={text}
          label="All sessions"
          of={daemon}
          count={matching.length}
          keyOf={(index) => matching[index]?.sessionId ?? index}
          estimate={ROW_PX}
          follows={false}
          handle={list}
          isList
          row={(index) => {
            const session = matching[index];
            return (
              session && (
                <SessionRow
                  session={session}
                  where={where}
                  isChosen={session.sessionId === chosen}
                  isStale={isStale}
                  now={now}
                />
              )
            );
          }}
        />
      )}
    </aside>
  );
}
