import type { Agent } from "../agent.ts";
import { unavailableAgent } from "../unavailable.ts";
import { ampRecipe } from "./install.ts";

/** Amp. */
export const ampAgent: Agent = {
  ...unavailableAgent("amp", ["anthropic"]),
  recipe: ampRecipe,
};
