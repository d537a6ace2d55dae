import { useSession } from "./session-view.ts";

/** Leads from a row of the conversation to its events. */
export function EventsButton({ subject }: { subject: string }) {
  const view = useSession();
  return (
    <button
      type="button"
      class="events-button"
      title="Its events"
      aria-label="Show its events"
      onClick={() => view.showEvents(subject)}
    >
      {"{ }"}
    </button>
  );
}
