import { useEffect, useState } from "preact/hooks";
import type { UniversalEvent } from "../../schema/event.ts";
import { CopyButton } from "../copy-line.tsx";
import { eventWords } from "./event-words.ts";
import { Fold } from "./fold.tsx";
import { Json } from "./part-view.tsx";
import { useSession } from "./session-view.ts";
import { subjectOf } from "./subject.ts";

/** An event in a line, which opens to all of it. */
export function EventRow({ event }: { event: UniversalEvent }) {
  const head = (
    <>
      <span class="event-sequence">{event.sequence}</span>
      <span class="event-time">{event.time.slice(11, 23)}</span>
      <span class={`event-type event-${event.type.split(".")[0]}`}>{event.type}</span>
      <span class="event-words">{eventWords(event)}</span>
    </>
  );
  return (
    <Fold name={`event ${event.sequence}`} head={head} class="event">
      {() => <Whole event={event} />}
    </Fold>
  );
}

type Raw = { kind: "asking" } | { kind: "known"; raw: unknown } | { kind: "lost"; why: string };

function Whole({ event }: { event: UniversalEvent }) {
  const view = useSession();
  const [raw, setRaw] = useState<Raw>({ kind: "asking" });
  const { sequence } = event;
  useEffect(() => {
    let isHere = true;
    view.session.getEvents({ offset: sequence - 1, limit: 1, includeRaw: true }).then(
      ({ events }) => isHere && setRaw({ kind: "known", raw: events[0]?.raw ?? null }),
      (error: unknown) =>
        isHere && setRaw({ kind: "lost", why: error instanceof Error ? error.message : "" }),
    );
    return () => (isHere = false);
  }, [view, sequence]);
  const subject = subjectOf(event);
  const isShown = view.feed.conversation.find(subject) !== undefined;
  return (
    <div class="event-whole">
      <p class="actions">
        <CopyButton text={JSON.stringify(event, undefined, 2)} name="event" />
        {isShown && (
          <button
            type="button"
            class="button button-small"
            onClick={() => view.showInConversation(subject)}
          >
            Show in the conversation
          </button>
        )}
        <button
          type="button"
          class="button button-small"
          onClick={() => (view.subject.value = subject)}
        >
          Only about {subject}
        </button>
      </p>
      <Json value={event} />
      <h2>The agent's own message</h2>
      {raw.kind === "asking" && <p class="soft">Asking …</p>}
      {raw.kind === "lost" && <p class="soft">It cannot be read: {raw.why}</p>}
      {raw.kind === "known" &&
        (raw.raw === null ? (
          <p class="soft">There is none: the daemon made this event, or it came with another.</p>
        ) : (
          <Json value={raw.raw} />
        ))}
    </div>
  );
}
