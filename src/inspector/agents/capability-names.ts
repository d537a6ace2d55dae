import type { AgentCapabilities } from "../../schema/agent.ts";

/** What each capability is to a person. */
export const capabilityNames: readonly (readonly [keyof AgentCapabilities, string])[] = [
  ["textMessages", "Text messages"],
  ["streamingDeltas", "Streaming text"],
  ["reasoning", "Reasoning"],
  ["toolCalls", "Tool calls"],
  ["toolResults", "Tool results"],
  ["commandExecution", "Commands"],
  ["fileChanges", "File changes"],
  ["permissions", "Permissions"],
  ["questions", "Questions"],
  ["planMode", "Plan mode"],
  ["images", "Images"],
  ["fileAttachments", "File attachments"],
  ["mcpTools", "MCP tools"],
  ["status", "Status notices"],
  ["errorEvents", "Error events"],
  ["sessionLifecycle", "Session lifecycle"],
  ["itemStarted", "Starts of items"],
  ["sharedProcess", "Shared process"],
];
