import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { counted, formatDuration } from "../format.ts";
import { Shown } from "../visible.tsx";
import { Fold } from "./fold.tsx";
import { LongText } from "./long-text.tsx";
import { PartView } from "./part-view.tsx";
import { plainOutput } from "./plain-output.ts";
import type { Row, RowProps, ToolRow } from "./rows.ts";
import { EventsButton } from "./events-button.tsx";
import { toolWords } from "./tool-words.ts";

const SHOWN_NAME = 200;
const SHOWN_SUBJECT = 300;
const SHOWN_INPUT = 50_000;
const SHOWN_CHARACTERS = 8_000;
const MORE_CHARACTERS = 200_000;
const SHOWN_CHILDREN = 30;

interface CardProps extends RowProps<ToolRow> {
  /** Draws a row of its subagent. */
  draw: (child: Row) => ComponentChildren;
}

/** A tool call: what was asked for, what came of it, and what a subagent did on its behalf. */
export function ToolCard({ row, version, draw }: CardProps) {
  const { status, exitCode, durationMs, parts, children, key } = row;
  const { name, subject, input } = toolWords(row);
  const failed = status === "failed";
  return (
    <section class={`card tool tool-${status}`} aria-label={`Tool ${name}`}>
      <header class="card-head">
        <span class={`tool-dot tool-dot-${status}`} aria-hidden="true" />
        <strong class="tool-name">
          <Shown text={name} kind="name" most={SHOWN_NAME} />
        </strong>
        {subject !== "" && (
          <code class="tool-subject">
            <Shown text={subject} kind="name" most={SHOWN_SUBJECT} />
          </code>
        )}
        <span class="card-facts">
          {status === "in_progress" && <span class="soft">running</span>}
          {failed && <span class="bad">failed</span>}
          {exitCode !== undefined && (
            <span class={exitCode === 0 ? "soft" : "bad"}>exit {exitCode}</span>
          )}
          {durationMs !== undefined && <span class="soft">{formatDuration(durationMs)}</span>}
          <EventsButton subject={row.subject} />
        </span>
      </header>
      {input !== "" && (
        <Fold name={`${key} input`} head="Arguments">
          {() => <LongText text={input} kind="code" most={SHOWN_INPUT} />}
        </Fold>
      )}
      <Output row={row} version={version} />
      {parts.map((part, index) => (
        <PartView key={index} part={part} name={`${key} part ${index}`} />
      ))}
      {children.length > 0 && (
        <Fold
          name={`${key} children`}
          isOpen={!row.hasResult}
          head={`Subagent: ${counted(children.length, "step")}`}
          class="subagent"
        >
          {() => <Children row={row} version={version} draw={draw} />}
        </Fold>
      )}
    </section>
  );
}

function Output({ row: { output, status } }: RowProps<ToolRow>) {
  const [isLong, setLong] = useState(false);
  if (output.length === 0) return null;
  const limit = isLong ? MORE_CHARACTERS : SHOWN_CHARACTERS;
  const hidden = output.length - limit;
  return (
    <div class="output">
      {hidden > 0 && (
        <p class="output-more">
          <span class="soft">The last of {counted(output.length, "character")}.</span>
          {!isLong && (
            <button type="button" class="button button-small" onClick={() => setLong(true)}>
              Show more
            </button>
          )}
        </p>
      )}
      {/* Scrolled by keys once it has the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} aria-label={status === "in_progress" ? "Output so far" : "Output"}>
        <Shown text={plainOutput(output.last(limit))} kind="output" />
      </pre>
    </div>
  );
}

function Children({ row: { children }, draw }: CardProps) {
  const [shown, setShown] = useState(SHOWN_CHILDREN);
  const hidden = Math.max(0, children.length - shown);
  return (
    <div class="children">
      {hidden > 0 && (
        <button
          type="button"
          class="button button-small"
          onClick={() => setShown(shown + 10 * SHOWN_CHILDREN)}
        >
          {counted(hidden, "earlier step")}
        </button>
      )}
      {children.slice(hidden).map(draw)}
    </div>
  );
}
