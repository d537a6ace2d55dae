import type { FirstView, View } from "../view.ts";
import { identityOf } from "../connection/gone-sessions.ts";
import { Link } from "../link.tsx";
import { SessionPage } from "../session/session-page.tsx";
import { SessionList } from "./session-list.tsx";

/** All sessions, and the one of them that is open. */
export function SessionsPage({ daemon, where, ahead }: FirstView) {
  const place = where.place.value;
  const chosen = place.page === "session" ? place.sessionId : undefined;
  const sessions = daemon.sessions.value ?? [];
  return (
    <div class={`sessions ${chosen === undefined ? "" : "sessions-chosen"}`}>
      <SessionList daemon={daemon} where={where} chosen={chosen} />
      <div class="sessions-panel">
        {chosen === undefined ? (
          <main class="page page-narrow">
            {sessions.length === 0 ? (
              <Welcome daemon={daemon} where={where} />
            ) : (
              <p class="empty">Choose a session, or begin a new one.</p>
            )}
          </main>
        ) : (
          <Chosen daemon={daemon} where={where} ahead={ahead} sessionId={chosen} />
        )}
      </div>
    </div>
  );
}

function Welcome({ where }: View) {
  return (
    <div class="empty">
      <h1 class="page-title">No session yet</h1>
      <p>
        A session is one conversation with one agent. Begin with the built-in mock agent to see what
        there is, without a key and without a model: send it <code>help</code> or <code>demo</code>.
      </p>
      <p class="actions">
        <Link where={where} to={{ page: "new" }} class="button button-primary">
          New session
        </Link>
        <Link where={where} to={{ page: "agents" }} class="button">
          Agents
        </Link>
      </p>
    </div>
  );
}

function Chosen({ daemon, where, ahead, sessionId }: FirstView & { sessionId: string }) {
  const session = daemon.sessions.value?.find((one) => one.sessionId === sessionId);
  if (!session) {
    return (
      <main class="page page-narrow">
        <div class="empty">
          <h1 class="page-title">There is no session {sessionId}</h1>
          <p>It has been deleted, or the daemon has been restarted: it keeps sessions in memory.</p>
          <p class="actions">
            <Link where={where} to={{ page: "sessions" }} class="button">
              All sessions
            </Link>
          </p>
        </div>
      </main>
    );
  }
  const leave = () => {
    where.go({ page: "sessions" });
    void daemon.refresh();
  };
  // Another session may have got the id of one that was deleted.
  const key = identityOf(session);
  return (
    <SessionPage
      key={key}
      client={daemon.client.value}
      sessionId={sessionId}
      ahead={ahead}
      isAway={daemon.state.value.kind === "away"}
      onLeave={leave}
    />
  );
}
