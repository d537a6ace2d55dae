import { useState } from "preact/hooks";
import type { TextKind } from "../../io/visible-text.ts";
import { Shown } from "../visible.tsx";

/** A text in lines. A button shows the part beyond the first `most` characters. */
export function LongText({ text, kind, most }: { text: string; kind: TextKind; most: number }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = !isWhole && text.length > most;
  return (
    <>
      <pre class="json">
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
