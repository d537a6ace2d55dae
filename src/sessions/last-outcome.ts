import type { TurnOutcome } from "../agents/agent.ts";
import type { ErrorData, SessionEndedData } from "../schema/event.ts";

/** How the turn went that the end of the session cuts short. */
export function lastOutcome(
  { reason, message = "the session ended" }: SessionEndedData,
  lastError: ErrorData | undefined,
): TurnOutcome {
  if (reason === "completed") return { status: "completed" };
  if (reason === "terminated") return { status: "interrupted" };
  const told = lastError?.message === message ? lastError.code : undefined;
  return { status: "failed", error: { code: told ?? "process_exit", message } };
}
