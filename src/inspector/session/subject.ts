import type { UniversalEvent } from "../../schema/event.ts";

/**
 * What an event is about: the id of its item, request or turn; `session` for the session itself, and
 * the event's own id where it stands alone. Rows of the conversation and events meet in it.
 */
export function subjectOf({ event_id, type, data }: UniversalEvent): string {
  switch (type) {
    case "item.delta":
      return data.item_id;
    case "item.started":
    case "item.completed":
      return data.item.item_id;
    case "permission.requested":
    case "permission.resolved":
      return data.permission_id;
    case "question.requested":
    case "question.resolved":
      return data.question_id;
    case "turn.started":
    case "turn.ended":
      return data.turn_id;
    case "session.started":
    case "session.ended":
      return "session";
    case "error":
    case "agent.unparsed":
      return event_id;
  }
}
