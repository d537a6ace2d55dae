import type { Daemon } from "./daemon.ts";

/** What has changed between the page and its daemon, below the head. */
export function StateNote({ daemon }: { daemon: Daemon }) {
  const state = daemon.state.value;
  const notice = daemon.notice.value;
  if (state.kind === "away" && daemon.sessions.value) {
    const since = new Date(state.since).toLocaleTimeString();
    return (
      <div class="strip strip-bad" role="alert">
        <p>
          <strong>{state.trouble.title}</strong> since {since}. What you see is what it told last;
          the page connects again by itself.
        </p>
        <button type="button" class="button button-small" onClick={() => daemon.lookNow()}>
          Try now
        </button>
      </div>
    );
  }
  if (notice === undefined) return null;
  return (
    <div class="strip strip-warn" role="status">
      <p>{notice}</p>
      <button type="button" class="button button-small" onClick={() => daemon.dismissNotice()}>
        Dismiss
      </button>
    </div>
  );
}
