import { useEffect, useRef, useState } from "preact/hooks";
import type { Place, Whereabouts } from "../place.ts";
import { Link } from "../link.tsx";
import { ConnectForm } from "./connect-form.tsx";
import type { ConnectionState, Daemon } from "./daemon.ts";

const pages: readonly { place: Place; name: string }[] = [
  { place: { page: "sessions" }, name: "Sessions" },
  { place: { page: "agents" }, name: "Agents" },
  { place: { page: "requests" }, name: "Requests" },
];

const words: Record<ConnectionState["kind"], string> = {
  connecting: "Connecting",
  connected: "Connected",
  away: "No answer",
  refused: "Refused",
};

/** The head of the page: where one can go, which daemon is asked, and how it stands with it. */
export function ConnectionBar({ daemon, where }: { daemon: Daemon; where: Whereabouts }) {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const close = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      opener.current?.focus();
    };
    document.addEventListener("keydown", close);
    return () => document.removeEventListener("keydown", close);
  }, [isOpen]);
  const { kind } = daemon.state.value;
  const current = where.place.value.page;
  const section = current === "session" || current === "new" ? "sessions" : current;
  const host = daemon.settings.value.url.replace(/^https?:\/\//, "");
  return (
    <header class="bar">
      <div class="bar-row">
        <p class="bar-name">Sandbox Agent</p>
        <nav aria-label="Pages" class="bar-pages">
          {pages.map(({ place, name }) => (
            <Link key={name} where={where} to={place} isCurrent={place.page === section}>
              {name}
            </Link>
          ))}
        </nav>
        <button
          type="button"
          class="bar-state"
          ref={opener}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <span class={`dot dot-${kind}`} aria-hidden="true" />
          <span class="bar-word">{words[kind]}</span>
          <span class="bar-host">{host}</span>
        </button>
      </div>
      {isOpen && (
        <div class="bar-settings">
          <ConnectForm daemon={daemon} onDone={() => setOpen(false)} />
        </div>
      )}
    </header>
  );
}
