import type { UniversalEvent } from "../../src/schema/event.ts";
import { Conversation } from "../../src/inspector/session/conversation.ts";
import type { Row } from "../../src/inspector/session/rows.ts";

/** The conversation that events add up to. */
export function conversationOf(events: readonly UniversalEvent[]): Conversation {
  const conversation = new Conversation();
  for (const event of events) conversation.apply(event);
  return conversation;
}

/** Rows, those below tool calls too. */
export function all(rows: readonly Row[]): Row[] {
  return rows.flatMap((row) => (row.kind === "tool" ? [row, ...all(row.children)] : [row]));
}

/** Rows in a line each, those below a tool call indented. */
export function outline(rows: readonly Row[]): string[] {
  return rows.flatMap((row) => [
    said(row),
    ...(row.kind === "tool" ? outline(row.children).map((line) => `  ${line}`) : []),
  ]);
}

function said(row: Row): string {
  switch (row.kind) {
    case "text":
      return `${row.role}: ${row.text.split("\n")[0]?.slice(0, 50)}`;
    case "reasoning":
      return `thinks: ${row.text}`;
    case "tool": {
      const { call, status, exitCode, parts } = row;
      const words = [call?.name ?? "result", status, exitCode, ...parts.map(({ type }) => type)];
      return words.filter((word) => word !== undefined).join(" ");
    }
    case "part":
      return `${row.part.type} ${row.status}`;
    case "plan":
      return `plan of ${row.entries.length}`;
    case "permission":
      return `permission ${row.data.action} ${row.data.status}`;
    case "question":
      return `question ${row.data.prompt} ${row.data.status}`;
    case "error":
      return `error ${row.error.code}: ${row.error.message}`;
    case "unparsed":
      return `unparsed ${row.location}`;
    case "turn":
      return `turn ${row.metadata?.status ?? "of the agent"}`;
    case "end":
      return `ended: ${row.data.reason}`;
  }
}
