import type { AgentCapabilities } from "../schema/agent.ts";

/** What an agent can do that can do everything; one that cannot says where it differs. */
export const EVERYTHING: AgentCapabilities = {
  planMode: true,
  permissions: true,
  questions: true,
  toolCalls: true,
  toolResults: true,
  textMessages: true,
  images: true,
  fileAttachments: true,
  sessionLifecycle: true,
  errorEvents: true,
  reasoning: true,
  status: true,
  commandExecution: true,
  fileChanges: true,
  mcpTools: true,
  streamingDeltas: true,
  itemStarted: true,
  sharedProcess: true,
};
