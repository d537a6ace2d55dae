import { useEffect, useMemo } from "preact/hooks";
import type { SandboxAgentClient } from "../../sdk/client.ts";
import { TroubleNote } from "../connection/trouble-note.tsx";
import type { Ahead } from "./ahead.ts";
import { Announcer } from "./announcer.tsx";
import { ConversationView } from "./conversation-view.tsx";
import { EventsView } from "./events-view.tsx";
import type { Link } from "./session-feed.ts";
import { SessionHead } from "./session-head.tsx";
import { SessionProvider, SessionView, useSession } from "./session-view.ts";

/** Everything seen of one session. */
export function SessionPage({
  client,
  sessionId,
  ahead,
  isAway,
  onLeave,
}: {
  client: SandboxAgentClient;
  sessionId: string;
  ahead: Ahead;
  /** The daemon cannot be reached, which is said elsewhere. */
  isAway: boolean;
  onLeave: () => void;
}) {
  const view = useMemo(
    () => ahead.take(client, sessionId) ?? new SessionView(client, sessionId),
    [ahead, client, sessionId],
  );
  useEffect(() => {
    void view.feed.run();
    return () => view.feed.close();
  }, [view]);
  return (
    <SessionProvider value={view}>
      <main class="session" key={sessionId}>
        <SessionHead onLeave={onLeave} />
        <Views />
        <State isAway={isAway} />
        {view.shown.value === "conversation" ? <Conversation /> : <EventsView />}
        <Announcer />
      </main>
    </SessionProvider>
  );
}

const views = [
  ["conversation", "Conversation"],
  ["events", "Events"],
] as const;

function Views() {
  const { shown, feed, subject } = useSession();
  void feed.tick.value;
  const count = feed.store.events.length;
  return (
    <nav class="views" aria-label="Views of the session">
      {views.map(([name, label]) => (
        <button
          key={name}
          type="button"
          aria-pressed={shown.value === name}
          onClick={() => {
            if (name === "events") subject.value = undefined;
            shown.value = name;
          }}
        >
          {label}
          {name === "events" && <span class="count"> {count.toLocaleString("en")}</span>}
        </button>
      ))}
      <Earlier />
    </nav>
  );
}

/** How much has been read of what was before the end that is seen. */
function Earlier() {
  const { feed } = useSession();
  const link = feed.link.value;
  if (link.kind !== "loading" || feed.conversation.rows.length === 0) return null;
  return (
    <span class="earlier soft" role="status">
      Reading what was before
      <Progress link={link} />
    </span>
  );
}

/** What is to be known of how the session is read. */
function State({ isAway }: { isAway: boolean }) {
  const { feed, trouble } = useSession();
  const link = feed.link.value;
  const { firstSequence } = feed.store;
  return (
    <>
      {trouble.value && (
        <div class="session-note">
          <TroubleNote trouble={trouble.value} />
          <button
            type="button"
            class="button button-small"
            onClick={() => (trouble.value = undefined)}
          >
            Dismiss
          </button>
        </div>
      )}
      {link.kind === "broken" && !isAway && (
        <p class="strip strip-warn" role="status">
          The connection has broken off, and is being made again. {link.why}
        </p>
      )}
      {link.kind === "gone" && (
        <p class="strip strip-bad" role="status">
          The daemon does not know this session any more: what you see is what was read of it.
        </p>
      )}
      {firstSequence > 1 && (
        <p class="strip strip-warn" role="status">
          The events before {firstSequence.toLocaleString("en")} are no longer kept by the daemon.
        </p>
      )}
    </>
  );
}

function Conversation() {
  const { feed } = useSession();
  void feed.tick.value;
  const link = feed.link.value;
  const hasRows = feed.conversation.rows.length > 0;
  if (link.kind !== "loading" || hasRows) return <ConversationView />;
  return (
    <div class="loading" role="status">
      <p class="soft">
        {link.total === 0
          ? "Reading the session …"
          : `${link.loaded.toLocaleString("en")} of ${link.total.toLocaleString("en")} events`}
      </p>
      {link.total > 0 && <Progress link={link} />}
    </div>
  );
}

function Progress({ link }: { link: Extract<Link, { kind: "loading" }> }) {
  return <progress aria-label="Events read" max={link.total} value={link.loaded} />;
}
