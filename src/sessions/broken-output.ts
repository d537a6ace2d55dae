import type { AgentOutput } from "../agents/agent.ts";

/** The outputs that take the place of one that could not be recorded. */
export function insteadOf(output: AgentOutput, cause: unknown, agent: string): AgentOutput[] {
  const why = cause instanceof Error ? cause.message : "unknown error";
  const message = `${output.type} of the agent could not be recorded: ${why}`;
  const unparsed: AgentOutput = { type: "unparsed", error: message, location: agent };
  if (output.type === "session.ended") {
    const data = { reason: "error", terminated_by: "agent", message } as const;
    return [unparsed, { type: "session.ended", data }];
  }
  if (output.type !== "turn.ended") return [unparsed];
  const error = { code: "protocol", message };
  return [
    unparsed,
    { type: "error", error: { ...error, details: null }, synthetic: true },
    { type: "turn.ended", outcome: { status: "failed", error } },
  ];
}
