import { Shown } from "../visible.tsx";

/** Asks before the page uses the daemon that a link names. */
export function LinkQuestion({
  other,
  own,
  onAnswer,
}: {
  other: string;
  own: string;
  onAnswer: (isWanted: boolean) => void;
}) {
  return (
    <main class="page page-narrow">
      <h1 class="page-title">
        This link uses another daemon: <Shown text={new URL(other).host} kind="name" />. Connect?
      </h1>
      <pre class="asked">
        <Shown text={other} kind="name" />
      </pre>
      <p>
        This page came from <code>{own}</code>. The other daemon receives every message, file and
        token that you enter here. Connect only if you trust the source of the link.
      </p>
      <p class="actions">
        <button type="button" class="button" onClick={() => onAnswer(true)}>
          Connect to the other daemon
        </button>
        <button type="button" class="button button-primary" onClick={() => onAnswer(false)}>
          Stay with this daemon
        </button>
      </p>
    </main>
  );
}
