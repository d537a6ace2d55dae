import type { Agent } from "./agent.ts";
import { createAmpAgent } from "./amp/index.ts";
import { claudeAgent } from "./claude/index.ts";
import { createCodexAgent } from "./codex/index.ts";
import { createMockAgent } from "./mock/index.ts";
import { createOpencodeAgent } from "./opencode/index.ts";

/** Every agent by id, in the order in which they are listed. */
export function allAgents(): ReadonlyMap<string, Agent> {
  const agents = [
    claudeAgent,
    createCodexAgent(),
    createOpencodeAgent(),
    createAmpAgent(),
    createMockAgent(),
  ];
  return new Map(agents.map((agent) => [agent.id, agent]));
}
