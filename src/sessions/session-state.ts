import type { ErrorData, EventBody } from "../schema/event.ts";
import type { PermissionEventData } from "../schema/permission.ts";
import type { QuestionEventData } from "../schema/question.ts";
import type { SessionStatus } from "../schema/session.ts";
import type { Usage } from "../schema/usage.ts";

/** What a session's events say about it so far. */
export interface SessionState {
  status: SessionStatus;
  pendingPermissions: PermissionEventData[];
  pendingQuestions: QuestionEventData[];
  usage: Usage;
  lastError: ErrorData | undefined;
}

export const initialState: SessionState = {
  status: "starting",
  pendingPermissions: [],
  pendingQuestions: [],
  usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
  lastError: undefined,
};

/** The state after one more event; the given state is left as it is. */
export function advance(state: SessionState, event: EventBody): SessionState {
  switch (event.type) {
    case "session.started":
      return { ...state, status: "idle" };
    case "session.ended":
      return { ...state, status: "ended" };
    case "turn.started":
      return { ...state, status: "running" };
    case "turn.ended":
      return { ...state, status: "idle", usage: sum(state.usage, event.data.metadata.usage) };
    case "error":
      return { ...state, lastError: event.data };
    case "permission.requested":
      return { ...state, pendingPermissions: [...state.pendingPermissions, event.data] };
    case "permission.resolved": {
      const { permission_id } = event.data;
      const open = state.pendingPermissions.filter((p) => p.permission_id !== permission_id);
      return { ...state, pendingPermissions: open };
    }
    case "question.requested":
      return { ...state, pendingQuestions: [...state.pendingQuestions, event.data] };
    case "question.resolved": {
      const { question_id } = event.data;
      const open = state.pendingQuestions.filter((q) => q.question_id !== question_id);
      return { ...state, pendingQuestions: open };
    }
    case "item.started":
    case "item.delta":
    case "item.completed":
    case "agent.unparsed":
      return state;
  }
}

function sum(total: Usage, turn: Usage | undefined): Usage {
  if (!turn) return total;
  const result: Usage = {
    input_tokens: total.input_tokens + turn.input_tokens,
    output_tokens: total.output_tokens + turn.output_tokens,
    total_tokens: total.total_tokens + turn.total_tokens,
  };
  for (const key of ["cached_input_tokens", "reasoning_tokens", "cost_usd"] as const) {
    const value = addOptional(total[key], turn[key]);
    if (value !== undefined) result[key] = value;
  }
  const window = turn.context_window ?? total.context_window;
  if (window !== undefined) result.context_window = window;
  return result;
}

function addOptional(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}
