import { useSession } from "./session-view.ts";

/** Says to those who do not see the page what has changed. */
export function Announcer() {
  const { feed } = useSession();
  void feed.tick.value;
  const { requests, turn, hasEnded, turns } = feed.conversation;
  const asks = requests.at(-1);
  // What is read first is no news.
  const isNews = feed.link.value.kind !== "loading";
  const words = hasEnded
    ? "The session has ended."
    : asks?.kind === "permission"
      ? `The agent asks for permission: ${asks.data.action}.`
      : asks
        ? `The agent asks: ${asks.data.prompt}`
        : turn
          ? "The agent works."
          : turns > 0
            ? `Turn ${turns} has ended.`
            : "";
  return (
    <p class="out-of-sight" aria-live="polite">
      {isNews && words}
    </p>
  );
}
