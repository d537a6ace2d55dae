import type { AgentId } from "../schema/agent.ts";
import { systemErrorOf } from "../io/system-error.ts";
import { ProblemError, storageFailed } from "../schema/problem.ts";
import { ServerGone } from "./shared-server.ts";

/** The agent's executable; throws a problem where there is none. */
export function requireExecutable(agent: AgentId, executable: string | undefined): string {
  if (executable !== undefined) return executable;
  throw new ProblemError("agent_not_installed", `agent not installed: ${agent}`, { agent });
}

/** Opens a session and gives it; what goes wrong is a problem. */
export async function opened<S extends { open(): Promise<void> }>(
  agent: AgentId,
  session: S,
): Promise<S> {
  try {
    await session.open();
    return session;
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    const system = systemErrorOf(cause);
    if (system) throw storageFailed(system, cause);
    const message = cause instanceof Error ? cause.message : String(cause);
    const details = cause instanceof ServerGone ? cause.details : null;
    const extensions = { agent, ...(details && { details: { ...details } }) };
    throw new ProblemError("stream_error", `stream error: ${message}`, extensions, { cause });
  }
}
