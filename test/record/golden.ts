import type { AgentOutput } from "../../src/agents/agent.ts";

/** The text of a file of golden events: one event a line, without the raw payloads. */
export function goldenText(outputs: readonly AgentOutput[]): string {
  const events = outputs.map((output) => JSON.stringify({ ...output, raw: undefined }));
  return `[\n${events.join(",\n")}\n]\n`;
}
