import type { AgentCapabilities, AgentId } from "../schema/agent.ts";
import { ProblemError } from "../schema/problem.ts";
import type { Agent } from "./agent.ts";

const capabilities: AgentCapabilities = {
  planMode: false,
  permissions: false,
  questions: false,
  toolCalls: false,
  toolResults: false,
  textMessages: false,
  images: false,
  fileAttachments: false,
  sessionLifecycle: false,
  errorEvents: false,
  reasoning: false,
  status: false,
  commandExecution: false,
  fileChanges: false,
  mcpTools: false,
  streamingDeltas: false,
  itemStarted: false,
  sharedProcess: false,
};

/** An agent that is listed, because the API names it, but cannot be used. */
export function unavailableAgent(id: AgentId, providers: Agent["providers"]): Agent {
  const unavailable = `${id} is not supported by this version yet`;
  return {
    id,
    capabilities,
    modes: [],
    permissionModes: {},
    providers,
    unavailable,
    defaultModel: null,
    models: async () => ({ models: [] }),
    open: async () => {
      throw new ProblemError("unsupported_agent", `unsupported agent: ${unavailable}`, {
        agent: id,
      });
    },
  };
}
