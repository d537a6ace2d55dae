import { useEffect, useRef, useState } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { UniversalEventType } from "../../schema/event.ts";
import { counted } from "../format.ts";
import { EventFilter } from "./event-filter.ts";
import { EventRow } from "./event-row.tsx";
import { saveEvents } from "./save-events.ts";
import { useSession } from "./session-view.ts";
import { Stable } from "./stable.tsx";
import { type ListHandle, VirtualList } from "../virtual-list.tsx";

/** Beyond so many the list is drawn anew less often than they come. */
const MANY = 20_000;

/** Every event as it comes. */
export function EventsView() {
  const { feed, subject, session } = useSession();
  const tick = feed.tick.value;
  const types = useSignal<ReadonlySet<UniversalEventType>>(new Set());
  const text = useSignal("");
  const query = { types: types.value, text: text.value, subject: subject.value };
  const [filter, setFilter] = useState<EventFilter | undefined>(undefined);
  const [, redraw] = useState(0);
  const list = useRef<ListHandle>(undefined);
  useEffect(() => {
    const next = new EventFilter(feed.store, query);
    const tell = () => redraw((drawn) => drawn + 1);
    void next.look(tell);
    setFilter(next);
    return () => next.stop();
    // Of the query its members count, not that it is made anew with each drawing.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [feed, types.value, text.value, subject.value]);
  const isMany = feed.store.events.length > MANY;
  useEffect(() => {
    if (!filter || (isMany && tick % 6 !== 0)) return undefined;
    void filter.look(() => undefined).then(() => redraw((drawn) => drawn + 1));
    return undefined;
  }, [tick, filter, isMany]);
  const found = filter?.found ?? [];
  const isFiltered = types.value.size > 0 || text.value !== "" || subject.value !== undefined;
  const toggle = (type: UniversalEventType) => {
    const next = new Set(types.value);
    if (!next.delete(type)) next.add(type);
    types.value = next;
  };
  return (
    <div class="events">
      <div class="events-tools">
        <input
          type="search"
          aria-label="Only events with this text"
          placeholder="Text"
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
        <button
          type="button"
          class="button"
          disabled={found.length === 0}
          onClick={() => saveEvents(session.id, found, feed.store)}
        >
          Export {isFiltered ? "these " : ""}as JSONL
        </button>
      </div>
      <div class="events-types" role="group" aria-label="Only events of these types">
        {[...feed.store.counts].map(([type, count]) => (
          <button
            key={type}
            type="button"
            class="chip"
            aria-pressed={types.value.has(type)}
            onClick={() => toggle(type)}
          >
            {type} <span class="count">{count.toLocaleString("en")}</span>
          </button>
        ))}
        {subject.value !== undefined && (
          <button
            type="button"
            class="chip"
            aria-pressed="true"
            aria-label={`About ${subject.value}; show all`}
            onClick={() => (subject.value = undefined)}
          >
            about {subject.value} ×
          </button>
        )}
      </div>
      <p class="soft events-count" role="status">
        {isFiltered
          ? `${found.length.toLocaleString("en")} of ${counted(feed.store.events.length, "event")}`
          : counted(feed.store.events.length, "event")}
      </p>
      <VirtualList
        key={`${[...types.value].join()} ${text.value} ${subject.value}`}
        label="Events"
        of={feed.store}
        count={found.length}
        keyOf={(index) => found[index] ?? -index}
        estimate={32}
        follows
        handle={list}
        row={(index) => {
          const event = feed.store.at(found[index] ?? 0);
          if (!event) return null;
          return <Stable of={event} version={0} draw={() => <EventRow event={event} />} />;
        }}
      />
    </div>
  );
}
