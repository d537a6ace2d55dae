import type { ModelsOptions } from "../agent.ts";
import type { AgentModelsResponse } from "../../schema/agent.ts";
import { parseLine } from "./line.ts";
import { ClaudeProcess } from "./process.ts";

/** The names that every Claude Code understands, for when it cannot be asked. */
const ALIASES: AgentModelsResponse = {
  models: [
    { id: "default", name: "Default (recommended)" },
    { id: "sonnet", name: "Sonnet" },
    { id: "opus", name: "Opus" },
    { id: "haiku", name: "Haiku" },
  ],
  defaultModel: "default",
};

/** The models that the installed CLI offers: it tells them when it is said hello to. */
export async function claudeModels(options: ModelsOptions): Promise<AgentModelsResponse> {
  const { executable } = options;
  if (executable === undefined) return ALIASES;
  const process: ClaudeProcess = new ClaudeProcess({
    ...options,
    executable,
    // Without these options the CLI would run programs that the folder's settings name (2.1.330).
    args: ["--no-session-persistence", "--setting-sources=user"],
    onLines(lines) {
      for (const line of lines) {
        const parsed = parseLine(line);
        if (parsed && "value" in parsed) process.settle(parsed.value);
      }
    },
  });
  try {
    const { models } = await process.initialize();
    if (models.length === 0) return ALIASES;
    const offered = models.map(({ value, displayName, supportedEffortLevels }) => ({
      id: value,
      ...(displayName != null && { name: displayName }),
      ...(supportedEffortLevels != null && { variants: supportedEffortLevels }),
    }));
    const [first] = offered;
    const chosen = offered.find(({ id }) => id === "default") ?? first;
    return { models: offered, ...(chosen && { defaultModel: chosen.id }) };
  } catch {
    // A CLI that does not answer still takes the aliases, or says itself why not.
    return ALIASES;
  } finally {
    await process.end(0);
  }
}
