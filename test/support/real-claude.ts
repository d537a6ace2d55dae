import { realAgent } from "./real-agents.ts";

/** The real Claude CLI. */
export const realClaude = () => realAgent("claude");
