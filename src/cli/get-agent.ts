import type { Agent } from "../agents/agent.ts";
import { allAgents } from "../agents/all.ts";
import { unsupportedAgent } from "../schema/problem.ts";

/** The agent of this name; throws where there is none. */
export function getAgent(id: string): Agent {
  const agent = allAgents().get(id);
  if (agent) return agent;
  throw unsupportedAgent(id);
}
