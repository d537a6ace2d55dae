import { useEffect, useRef } from "preact/hooks";
import { counted } from "../format.ts";
import { Composer, Queue } from "./composer.tsx";
import { PinnedPlan } from "./plan.tsx";
import { RowView } from "./row-view.tsx";
import type { Row } from "./rows.ts";
import { useSession } from "./session-view.ts";
import { Stable } from "./stable.tsx";
import { type ListHandle, VirtualList } from "../virtual-list.tsx";

/** What was said and done, and where more is said. */
export function ConversationView() {
  const view = useSession();
  const { feed, marked } = view;
  void feed.tick.value;
  const { rows, requests, plan, hasEnded, begun } = feed.conversation;
  const list = useRef<ListHandle>(undefined);
  const mark = marked.value;
  useEffect(() => {
    const { conversation } = feed;
    if (mark === undefined) return;
    const place = placeOf(conversation.rows, conversation.find(mark));
    if (place !== -1) list.current?.scrollTo(place);
  }, [mark, feed]);
  useEffect(() => {
    const still = view.waiting.value.filter(({ turnId }) => !begun.has(turnId));
    if (still.length < view.waiting.value.length) view.waiting.value = still;
  });
  const markedRow = mark === undefined ? undefined : feed.conversation.find(mark);
  const [firstRequest] = requests;
  return (
    <div class="conversation">
      <PinnedPlan entries={plan} />
      {rows.length === 0 ? (
        <div class="scroll-frame">
          <p class="empty">Nothing has been said yet.</p>
        </div>
      ) : (
        <VirtualList
          label="Conversation"
          of={feed.conversation}
          count={rows.length}
          keyOf={(index) => rows[index]?.key ?? -index}
          estimate={96}
          follows
          handle={list}
          row={(index) => {
            const row = rows[index];
            if (!row) return null;
            const isMarked = markedRow !== undefined && topOf(markedRow) === row;
            return (
              <Stable
                of={row}
                version={`${row.version} ${isMarked}`}
                draw={() => (
                  <div class={isMarked ? "place marked" : "place"}>
                    <RowView row={row} version={row.version} />
                  </div>
                )}
              />
            );
          }}
        />
      )}
      {firstRequest && (
        <button
          type="button"
          class="asks"
          onClick={() => list.current?.scrollTo(placeOf(rows, firstRequest))}
        >
          {counted(requests.length, "request")} waiting for your answer
        </button>
      )}
      <Queue count={feed.info.value?.queuedMessages ?? 0} />
      <Composer isEnded={hasEnded} />
    </div>
  );
}

function topOf(row: Row): Row {
  let top = row;
  while (top.parent) top = top.parent;
  return top;
}

function placeOf(rows: readonly Row[], row: Row | undefined): number {
  return row ? rows.lastIndexOf(topOf(row)) : -1;
}
