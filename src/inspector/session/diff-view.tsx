import { useState } from "preact/hooks";
import { diffLines } from "./diff-lines.ts";

const SHOWN = 200;
const marks = { added: "+", removed: "−", same: " ", place: " " };
const words = { added: "added: ", removed: "removed: ", same: "", place: "" };

/** A unified diff in colours, its lines numbered. */
export function DiffView({ diff }: { diff: string }) {
  const [isWhole, setWhole] = useState(false);
  const lines = diffLines(diff);
  const shown = isWhole ? lines : lines.slice(0, SHOWN);
  return (
    <>
      <div class="diff">
        {shown.map(({ kind, text, before, after }, index) => (
          <div key={index} class={`diff-line diff-${kind}`}>
            <span class="diff-number">{before}</span>
            <span class="diff-number">{after}</span>
            <span class="diff-mark" aria-hidden="true">
              {marks[kind]}
            </span>
            <code>
              {words[kind] !== "" && <span class="out-of-sight">{words[kind]}</span>}
              {text}
            </code>
          </div>
        ))}
      </div>
      {shown.length < lines.length && (
        <button type="button" class="button button-small" onClick={() => setWhole(true)}>
          Show all {lines.length} lines
        </button>
      )}
    </>
  );
}
