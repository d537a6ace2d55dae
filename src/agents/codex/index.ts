import { unavailableAgent } from "../unavailable.ts";

/** Codex. */
export const codexAgent = unavailableAgent("codex", ["openai"]);
