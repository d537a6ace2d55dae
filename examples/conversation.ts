import type { ContentPart, UniversalEvent, UniversalItem } from "sandbox-agent";

/** One entry of a conversation as a person sees it: an item, and the text that has come of it so far. */
export interface Entry {
  item: UniversalItem;
  /** What the item says: streamed at first, and what its completion says in the end. */
  text: string;
}

/** What waits for an answer. */
export type Request =
  | { type: "permission"; id: string; action: string; detail: string }
  | { type: "question"; id: string; prompt: string; options: string[] };

/** A conversation, as far as it has been told. */
export interface Conversation {
  entries: Entry[];
  requests: Request[];
  isRunning: boolean;
  /** What went wrong last, until the next turn begins. */
  error: string | null;
  costUsd: number;
  hasEnded: boolean;
}

export const empty: Conversation = {
  entries: [],
  requests: [],
  isRunning: false,
  error: null,
  costUsd: 0,
  hasEnded: false,
};

/** The conversation after one more event. Replayed from the start it is always the same. */
export function after(conversation: Conversation, event: UniversalEvent): Conversation {
  const { entries, requests } = conversation;
  switch (event.type) {
    case "turn.started":
      return { ...conversation, isRunning: true, error: null };
    case "turn.ended": {
      const { error, usage } = event.data.metadata;
      return {
        ...conversation,
        isRunning: false,
        error: error?.message ?? null,
        costUsd: conversation.costUsd + (usage?.cost_usd ?? 0),
      };
    }
    case "item.started":
      // What an item has at its start comes once more as its deltas.
      return { ...conversation, entries: [...entries, { item: event.data.item, text: "" }] };
    case "item.delta": {
      const { item_id, delta } = event.data;
      return {
        ...conversation,
        entries: entries.map((entry) =>
          entry.item.item_id === item_id ? { ...entry, text: entry.text + delta } : entry,
        ),
      };
    }
    case "item.completed": {
      const { item } = event.data;
      const whole = { item, text: item.content.map(textOf).join("") };
      const known = entries.some((entry) => entry.item.item_id === item.item_id);
      return {
        ...conversation,
        entries: known
          ? entries.map((entry) => (entry.item.item_id === item.item_id ? whole : entry))
          : [...entries, whole],
      };
    }
    case "permission.requested": {
      const { permission_id: id, action, metadata } = event.data;
      const { command, paths } = metadata ?? {};
      const detail = [command, paths].flat().filter((what) => typeof what === "string");
      return {
        ...conversation,
        requests: [...requests, { type: "permission", id, action, detail: detail.join(" ") }],
      };
    }
    case "question.requested": {
      const { question_id: id, prompt, options } = event.data;
      return {
        ...conversation,
        requests: [...requests, { type: "question", id, prompt, options }],
      };
    }
    case "permission.resolved":
      return { ...conversation, requests: without(requests, event.data.permission_id) };
    case "question.resolved":
      return { ...conversation, requests: without(requests, event.data.question_id) };
    case "error":
      return { ...conversation, error: event.data.message };
    case "session.ended":
      return { ...conversation, isRunning: false, hasEnded: true };
    case "session.started":
    case "agent.unparsed":
      return conversation;
  }
}

function without(requests: Request[], id: string): Request[] {
  return requests.filter((request) => request.id !== id);
}

/** What a part says in plain text; a real UI has a component for each. */
function textOf(part: ContentPart): string {
  switch (part.type) {
    case "text":
    case "reasoning":
      return part.text;
    case "tool_call":
      return `${part.name} ${part.arguments}`;
    case "tool_result":
      return part.output;
    case "file_ref":
      return part.diff ?? part.path;
    case "status":
      return [part.label, part.detail].filter(Boolean).join(": ");
    case "plan":
      return part.entries.map(({ status, content }) => `[${status}] ${content}`).join("\n");
    case "image":
      return part.path;
    case "json":
      return JSON.stringify(part.json);
  }
}
