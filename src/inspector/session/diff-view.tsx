import { useState } from "preact/hooks";
import { Shown } from "../visible.tsx";
import { MOST_LINES } from "./asked.ts";
import { diffLines } from "./diff-lines.ts";

const marks = { added: "+", removed: "−", same: " ", place: " " };
const words = { added: "added: ", removed: "removed: ", same: "", place: "" };

/** A unified diff in colours, its lines numbered. */
export function DiffView({
  diff,
  isWhole = false,
  onWhole,
}: {
  diff: string;
  /** Shows all lines of a long diff. Default: false. */
  isWhole?: boolean;
  /** Called when the user requests all lines. */
  onWhole?: () => void;
}) {
  const [isWanted, setWanted] = useState(false);
  const lines = diffLines(diff);
  const shown = isWhole || isWanted ? lines : lines.slice(0, MOST_LINES);
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
              <Shown text={text} kind="code" />
            </code>
          </div>
        ))}
      </div>
      {shown.length < lines.length && (
        <button
          type="button"
          class="button button-small"
          onClick={() => {
            setWanted(true);
            onWhole?.();
          }}
        >
          Show all {lines.length} lines
        </button>
      )}
    </>
  );
}
