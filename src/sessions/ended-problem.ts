import type { AgentId } from "../schema/agent.ts";
import type { SessionEndedData } from "../schema/event.ts";
import { ProblemError, sessionEnded } from "../schema/problem.ts";

/** The problem of a request to a session that has ended, or is ending while `end` is undefined. */
export function endedProblem(agent: AgentId, end: SessionEndedData | undefined): ProblemError {
  if (end?.reason !== "error") return sessionEnded();
  const { message, exit_code, stderr } = end;
  return new ProblemError("agent_process_exited", `agent process exited: ${agent}`, {
    agent,
    details: {
      ...(exit_code !== undefined && { exitCode: exit_code }),
      stderr: message ?? stderr?.tail ?? stderr?.head ?? "",
    },
  });
}
