import { formatCost, formatDuration } from "../format.ts";
import { cureOf } from "./cures.ts";
import { EventsButton } from "./events-button.tsx";
import { Shown } from "../visible.tsx";
import { Fold } from "./fold.tsx";
import { Markdown } from "./markdown.tsx";
import { Json, PartView } from "./part-view.tsx";
import { PermissionCard } from "./permission-card.tsx";
import { PlanList } from "./plan.tsx";
import { QuestionCard } from "./question-card.tsx";
import type { EndRow, ErrorRow, Row, RowProps, TextRow, TurnRow } from "./rows.ts";
import { asMarkdown } from "./text-pieces.ts";
import { ToolCard } from "./tool-card.tsx";

/** A row of the conversation. */
export function RowView({ row, version }: RowProps<Row>) {
  switch (row.kind) {
    case "text":
      return <Message row={row} version={version} />;
    case "reasoning":
      return (
        <Fold
          name={`${row.key}`}
          class="reasoning"
          head={row.status === "in_progress" ? "Thinking …" : "Thoughts"}
        >
          {() => <Markdown text={row.text} />}
        </Fold>
      );
    case "tool":
      return (
        <ToolCard
          row={row}
          version={version}
          draw={(child) => <RowView key={child.key} row={child} version={child.version} />}
        />
      );
    case "part":
      return <PartView part={row.part} name={`${row.key}`} />;
    case "plan":
      return (
        <Fold name={`${row.key}`} class="notice" head={<strong>Plan</strong>}>
          {() => <PlanList entries={row.entries} />}
        </Fold>
      );
    case "permission":
      return <PermissionCard row={row} version={version} />;
    case "question":
      return <QuestionCard row={row} version={version} />;
    case "error":
      return <ErrorNote row={row} />;
    case "unparsed":
      return (
        <div class="card card-warn">
          <p>
            <strong>The agent said what the daemon cannot read</strong>{" "}
            <EventsButton subject={row.subject} />
          </p>
          <p class="soft">
            {row.location}: {row.error}
          </p>
        </div>
      );
    case "turn":
      return <TurnLine row={row} />;
    case "end":
      return <End row={row} />;
  }
}

const names: Record<string, string> = { user: "You", assistant: "Agent", system: "System" };

function Message({ row }: RowProps<TextRow>) {
  const { role, isFirst, isUnknown, status, subject, parent } = row;
  // Below a call it is the agent that speaks to its subagent.
  const name = parent && role === "user" ? "Task" : (names[role ?? ""] ?? role ?? "Message");
  return (
    <div class={`message message-${role ?? "other"} ${isFirst ? "" : "message-more"}`}>
      {isFirst && (
        <p class="message-head">
          <strong>{name}</strong>
          {isUnknown && <span class="soft">of unknown kind</span>}
          {status === "failed" && <span class="bad">broken off</span>}
          <EventsButton subject={subject} />
        </p>
      )}
      {role === "user" ? (
        <p class="plain">
          <Shown text={row.text} kind="prose" />
        </p>
      ) : (
        <Markdown text={asMarkdown(row)} />
      )}
    </div>
  );
}

function ErrorNote({ row }: { row: ErrorRow }) {
  const { message, code, details } = row.error;
  const cure = cureOf(code);
  return (
    <div class="card card-bad" role="note" aria-label="Error">
      <p class="error-head">
        <strong class="bad">{message}</strong>
        <span class="card-facts">
          {code !== null && <code>{code}</code>}
          <EventsButton subject={row.subject} />
        </span>
      </p>
      {cure !== undefined && <p>{cure}</p>}
      {typeof details === "object" && details !== null && (
        <Fold name={`${row.key}`} head="Details">
          {() => <Json value={details} />}
        </Fold>
      )}
    </div>
  );
}

function TurnLine({ row }: { row: TurnRow }) {
  const { metadata } = row;
  if (!metadata) return <p class="turn">The agent goes on by itself.</p>;
  const { status, duration_ms, usage, stop_reason } = metadata;
  const facts = [
    formatDuration(duration_ms),
    ...(stop_reason !== undefined && stop_reason !== "end_turn" ? [stop_reason] : []),
    ...(usage
      ? [
          `${usage.input_tokens.toLocaleString("en")} in`,
          `${usage.output_tokens.toLocaleString("en")} out`,
        ]
      : []),
    ...(usage?.cost_usd === undefined ? [] : [formatCost(usage.cost_usd)]),
  ];
  return (
    <p class="turn">
      <span class={status === "failed" ? "bad" : ""}>Turn {status}</span>
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
      <EventsButton subject={row.subject} />
    </p>
  );
}

const reasons = {
  terminated: "It was ended",
  completed: "The agent says that all is done",
  error: "It cannot go on",
};

function End({ row }: { row: EndRow }) {
  const { reason, terminated_by, message, exit_code, stderr } = row.data;
  const by = reason === "terminated" ? ` by the ${terminated_by}` : "";
  const said = [stderr?.head, stderr?.tail].filter(Boolean).join("\n…\n");
  return (
    <div class={`card ${reason === "error" ? "card-bad" : ""}`}>
      <p>
        <strong>The session has ended.</strong> {reasons[reason]}
        {by}. <EventsButton subject={row.subject} />
      </p>
      {message !== undefined && <p>{message}</p>}
      {exit_code !== undefined && <p class="soft">Exit code {exit_code}</p>}
      {said !== "" && (
        // Scrolled by keys once it has the focus.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre class="json" tabIndex={0}>
          <Shown text={said} kind="output" />
        </pre>
      )}
    </div>
  );
}
