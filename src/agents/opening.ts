import type { AgentId } from "../schema/agent.ts";
import { systemErrorOf, withCure } from "../io/system-error.ts";
import { ProblemError, storageFailed } from "../schema/problem.ts";
import { ServerGone } from "./shared-server.ts";

/** The agent's executable; throws a problem where there is none. */
export function requireExecutable(agent: AgentId, executable: string | undefined): string {
  if (executable !== undefined) return executable;
  throw new ProblemError("agent_not_installed", `agent not installed: ${agent}`, { agent });
}

/**
 * Opens a session and returns it. `env` is the environment of the agent.
 *
 * @throws ProblemError
 */
export async function opened<S extends { open(): Promise<void> }>(
  agent: AgentId,
  session: S,
  env: Record<string, string>,
): Promise<S> {
  try {
    await session.open();
    return session;
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    const system = systemErrorOf(cause);
    if (system) throw storageFailed(system, cause);
    const words = cause instanceof Error ? cause.message : String(cause);
    const details = cause instanceof ServerGone ? cause.details : null;
    // A server that cannot use a folder may answer without the reason (OpenCode 1.18.33).
    const message = cause instanceof ServerGone ? words : withCure(words, env);
    const extensions = { agent, ...(details && { details: { ...details } }) };
    throw new ProblemError("stream_error", `stream error: ${message}`, extensions, { cause });
  }
}
