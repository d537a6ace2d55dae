import type { Agent } from "../agent.ts";
import { unavailableAgent } from "../unavailable.ts";
import { opencodeRecipe } from "./install.ts";

/** OpenCode. */
export const opencodeAgent: Agent = {
  ...unavailableAgent("opencode", ["anthropic", "openai"]),
  recipe: opencodeRecipe,
};
