import type { AgentId } from "../schema/agent.ts";
import type { Interaction, RepositorySettings } from "../schema/session.ts";

/** What a session was created with; fixed for its life. */
export interface SessionSettings {
  sessionId: string;
  agentId: AgentId;
  agentMode: string;
  permissionMode: string;
  repositorySettings: RepositorySettings;
  model: string | null;
  variant: string | null;
  /** Absolute working directory of the agent. */
  directory: string;
  title: string | null;
  interaction: Interaction;
}
