import type { AgentModeInfo } from "../../schema/agent.ts";

/** Stands for the agents that a user has made, where OpenCode cannot be asked for them. */
export const CUSTOM: AgentModeInfo = {
  id: "custom",
  name: "Custom",
  description: "An agent of the user's own, by its name.",
};

/** The modes that OpenCode always has. */
export const opencodeModes: AgentModeInfo[] = [
  { id: "build", name: "Build", description: "Works on the task." },
  { id: "plan", name: "Plan", description: "Plans first and asks before it begins to work." },
  CUSTOM,
];
