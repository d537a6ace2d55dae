import type { ContentPart } from "../../schema/content.ts";
import type { UniversalEvent } from "../../schema/event.ts";

const LONGEST = 240;

/** What an event says, in one line. */
export function eventWords(event: UniversalEvent): string {
  return said(event)
    .slice(0, LONGEST)
    .replaceAll(/[ \t\n]+/g, " ");
}

function said({ type, data }: UniversalEvent): string {
  switch (type) {
    case "item.delta":
      return `${data.item_id} ${data.delta}`;
    case "item.started":
    case "item.completed": {
      const { item_id, kind, role, status, content } = data.item;
      const words = content.map(partWords).join(" ").slice(0, LONGEST);
      return `${item_id} ${kind} ${role ?? ""} ${status} ${words}`;
    }
    case "turn.started":
      return `${data.turn_id} ${data.metadata.origin}`;
    case "turn.ended":
      return `${data.turn_id} ${data.metadata.status}`;
    case "permission.requested":
    case "permission.resolved":
      return `${data.permission_id} ${data.action} ${data.status}`;
    case "question.requested":
    case "question.resolved":
      return `${data.question_id} ${data.prompt} ${data.status}`;
    case "error":
      return `${data.code ?? ""} ${data.message}`;
    case "agent.unparsed":
      return `${data.location} ${data.error}`;
    case "session.ended":
      return data.reason;
    case "session.started":
      return JSON.stringify(data.metadata);
  }
}

function partWords(part: ContentPart): string {
  switch (part.type) {
    case "text":
    case "reasoning":
      return part.text.slice(0, LONGEST);
    case "tool_call":
      return `${part.name} ${part.arguments.slice(0, LONGEST)}`;
    case "tool_result":
      return part.output.slice(0, LONGEST);
    case "file_ref":
    case "image":
      return part.path;
    case "status":
      return `${part.label} ${part.detail ?? ""}`;
    default:
      return part.type;
  }
}
