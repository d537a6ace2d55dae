import type { TurnOutcome } from "../agents/agent.ts";
import type { ErrorData, SessionEndedData } from "../schema/event.ts";
import type { Usage } from "../schema/usage.ts";

/** The outcome of the turn that the end of the session cuts short. */
export function lastOutcome(
  { reason, message = "the session ended" }: SessionEndedData,
  lastError: ErrorData | undefined,
): TurnOutcome {
  if (reason === "completed") return { status: "completed" };
  if (reason === "terminated") return { status: "interrupted" };
  const told = lastError?.message === message ? lastError.code : undefined;
  return { status: "failed", error: { code: told ?? "process_exit", message } };
}

/** An outcome whose numbers the schema allows: an agent may report negative or infinite ones. */
export function soundOutcome(outcome: TurnOutcome): TurnOutcome {
  const { usage } = outcome;
  return usage ? { ...outcome, usage: soundUsage(usage) } : outcome;
}

function soundUsage(usage: Usage): Usage {
  const { cached_input_tokens, reasoning_tokens, cost_usd, context_window } = usage;
  return {
    input_tokens: count(usage.input_tokens),
    output_tokens: count(usage.output_tokens),
    ...(cached_input_tokens !== undefined && { cached_input_tokens: count(cached_input_tokens) }),
    ...(reasoning_tokens !== undefined && { reasoning_tokens: count(reasoning_tokens) }),
    total_tokens: count(usage.total_tokens),
    ...(cost_usd !== undefined && {
      cost_usd: Number.isFinite(cost_usd) ? Math.max(0, cost_usd) : 0,
    }),
    ...(context_window !== undefined && { context_window: count(context_window) }),
  };
}

function count(tokens: number): number {
  if (Number.isNaN(tokens)) return 0;
  return Math.trunc(Math.min(Math.max(0, tokens), Number.MAX_SAFE_INTEGER));
}
