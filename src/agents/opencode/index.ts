import { unavailableAgent } from "../unavailable.ts";

/** OpenCode. */
export const opencodeAgent = unavailableAgent("opencode", ["anthropic", "openai"]);
