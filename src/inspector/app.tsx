import { useEffect } from "preact/hooks";
import { AgentsPage } from "./agents/agents-page.tsx";
import { ConnectForm } from "./connection/connect-form.tsx";
import { ConnectionBar } from "./connection/connection-bar.tsx";
import { StateNote } from "./connection/state-note.tsx";
import { TroubleNote } from "./connection/trouble-note.tsx";
import { NewSessionPage } from "./new-session/new-session-page.tsx";
import { RequestsPage } from "./requests/requests-page.tsx";
import { SessionsPage } from "./sessions/sessions-page.tsx";
import type { FirstView } from "./view.ts";

/** The page. */
export function App({ daemon, where, ahead }: FirstView) {
  const { page } = where.place.value;
  const isKnown = daemon.state.value.kind !== "connecting";
  useEffect(() => {
    document.title = titles[page];
  }, [page]);
  useEffect(() => {
    // Who wants it has taken it by now.
    if (isKnown) ahead.drop();
  }, [isKnown, ahead]);
  return (
    <div class="app">
      <ConnectionBar daemon={daemon} where={where} />
      <StateNote daemon={daemon} />
      <Content daemon={daemon} where={where} ahead={ahead} />
    </div>
  );
}

const titles = {
  sessions: "Sessions · Sandbox Agent",
  session: "Session · Sandbox Agent",
  new: "New session · Sandbox Agent",
  agents: "Agents · Sandbox Agent",
  requests: "Requests · Sandbox Agent",
};

function Content({ daemon, where, ahead }: FirstView) {
  const state = daemon.state.value;
  const { page } = where.place.value;
  if (page === "requests") return <RequestsPage log={daemon.requests} />;
  // What was seen of a daemon stays in sight while it is away.
  if (state.kind === "refused" || (state.kind === "away" && !daemon.sessions.value)) {
    return (
      <main class="page page-narrow">
        <h1 class="page-title">Connect to a daemon</h1>
        <TroubleNote trouble={state.trouble} />
        <ConnectForm key={daemon.settings.value.url} daemon={daemon} />
      </main>
    );
  }
  if (!daemon.sessions.value) {
    return (
      <main class="page page-narrow">
        <p class="empty" role="status">
          Connecting to {daemon.settings.value.url} …
        </p>
      </main>
    );
  }
  if (page === "agents") return <AgentsPage daemon={daemon} />;
  if (page === "new") return <NewSessionPage daemon={daemon} where={where} />;
  return <SessionsPage daemon={daemon} where={where} ahead={ahead} />;
}
