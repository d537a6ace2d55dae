import { useState } from "preact/hooks";
import type { TextKind } from "../../io/visible-text.ts";
import { Shown } from "../visible.tsx";

/** A text in lines. A button shows the part beyond the first `most` characters. */
export function LongText({ text, kind, most }: { text: string; kind: TextKind; most: number }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = !isWhole && text.length > most;
  return (
    <>
      {/* Scrolled by keys once it has the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre class="json" tabIndex={0}>
        <Shown text={text} kind={kind} most={isCut ? most : Infinity} />
      </pre>
      {isCut && (
        <button type="button" class="button button-small" onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString("en")} characters
        </button>
      )}
    </>
  );
}
