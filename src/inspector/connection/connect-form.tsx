import { useId, useState } from "preact/hooks";
import { toBaseUrl, toHeaders } from "../address.ts";
import type { Daemon } from "./daemon.ts";

/** Which daemon is asked, with which token. */
export function ConnectForm({ daemon, onDone }: { daemon: Daemon; onDone?: () => void }) {
  const { url, token = "", headers } = daemon.settings.value;
  const [draft, setDraft] = useState({
    url,
    token,
    headers: headers ? JSON.stringify(headers) : "",
  });
  const [issue, setIssue] = useState<string | undefined>(undefined);
  const id = useId();
  const set = (name: keyof typeof draft) => (event: { currentTarget: HTMLInputElement }) => {
    setIssue(undefined);
    setDraft({ ...draft, [name]: event.currentTarget.value });
  };
  const connect = () => {
    const base = toBaseUrl(draft.url);
    const given = toHeaders(draft.headers.trim() === "" ? undefined : draft.headers);
    if (base === undefined) return setIssue("The address is to begin with http:// or https://.");
    if (draft.headers.trim() !== "" && !given) {
      return setIssue('Headers are JSON, such as {"x-key": "value"}.');
    }
    const typed = draft.token.trim();
    daemon.connect({
      url: base,
      ...(typed !== "" && { token: typed }),
      ...(given && { headers: given }),
    });
    return onDone?.();
  };
  return (
    <form
      class="connect-form"
      onSubmit={(event) => {
        event.preventDefault();
        connect();
      }}
    >
      <div class="field">
        <label htmlFor={`${id}-url`}>Daemon</label>
        <input id={`${id}-url`} value={draft.url} onInput={set("url")} spellcheck={false} />
      </div>
      <div class="field">
        <label htmlFor={`${id}-token`}>Token</label>
        <input
          id={`${id}-token`}
          type="password"
          autocomplete="off"
          value={draft.token}
          onInput={set("token")}
        />
      </div>
      <details class="field-more" open={draft.headers !== ""}>
        <summary>Headers of your own</summary>
        <div class="field">
          <label htmlFor={`${id}-headers`}>As JSON, sent with every request</label>
          <input
            id={`${id}-headers`}
            value={draft.headers}
            onInput={set("headers")}
            spellcheck={false}
            placeholder='{"x-proxy-key": "…"}'
          />
        </div>
      </details>
      {issue !== undefined && (
        <p class="field-issue" role="alert">
          {issue}
        </p>
      )}
      <p class="actions">
        <button type="submit" class="button button-primary">
          Connect
        </button>
        <span class="hint">Kept in this tab only.</span>
      </p>
    </form>
  );
}
