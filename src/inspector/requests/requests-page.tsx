import { useState } from "preact/hooks";
import { CopyLine } from "../copy-line.tsx";
import { formatDuration } from "../format.ts";
import type { LoggedRequest, RequestLog } from "./request-log.ts";

/** Each request that the page has made, as a line for a shell. */
export function RequestsPage({ log }: { log: RequestLog }) {
  const [text, setText] = useState("");
  const entries = log.entries.value;
  const matching = entries.filter(({ method, path }) =>
    `${method} ${path}`.toLowerCase().includes(text.trim().toLowerCase()),
  );
  return (
    <main class="page">
      <div class="page-head">
        <h1 class="page-title">Requests</h1>
        <button type="button" class="button button-small" onClick={() => log.clear()}>
          Clear
        </button>
      </div>
      <p class="page-lead">
        What this page has asked of the daemon, the newest first, each as a line for a shell. Your
        token is a variable in it: <code>export SANDBOX_AGENT_TOKEN=…</code>
      </p>
      <input
        type="search"
        class="page-filter"
        aria-label="Filter requests"
        placeholder="Filter, such as POST or /messages"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {matching.length === 0 && <p class="empty">Nothing has been asked.</p>}
      <ol class="requests">
        {matching.map((entry) => (
          <Request key={entry.id} entry={entry} />
        ))}
      </ol>
    </main>
  );
}

function Request({ entry }: { entry: LoggedRequest }) {
  const { method, path, curl, at, times, status, durationMs, failure } = entry;
  const isBad = failure !== undefined || (status ?? 0) >= 400;
  return (
    <li>
      <details class="request">
        <summary>
          <span class="request-method">{method}</span>
          <span class="request-path">{path}</span>
          <span class={`request-status ${isBad ? "request-bad" : ""}`}>
            {failure === undefined ? (status ?? "…") : "failed"}
          </span>
          <span class="request-time">
            {new Date(at).toLocaleTimeString()}
            {durationMs !== undefined && ` · ${formatDuration(durationMs)}`}
            {times > 1 && ` · ${times} times`}
          </span>
        </summary>
        {failure !== undefined && <p class="request-failure">{failure}</p>}
        <CopyLine text={curl} name={`curl line of ${method} ${path}`} />
      </details>
    </li>
  );
}
