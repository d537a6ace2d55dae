import { AgentListResponse, type ServerStatusInfo } from "../../src/schema/agent.ts";

/** What a daemon says of the server that the sessions of an agent share. */
export async function serverStatus(
  daemonUrl: string,
  agentId: string,
): Promise<ServerStatusInfo | undefined> {
  const answer = await fetch(`${daemonUrl}/v1/agents`);
  const { agents } = AgentListResponse.parse(await answer.json());
  return agents.find(({ id }) => id === agentId)?.serverStatus;
}
