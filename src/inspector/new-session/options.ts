import { agentName } from "../agents/agent-name.ts";
import type { AgentInfo, AgentModelsResponse, AgentModeInfo } from "../../schema/agent.ts";

/** Something that can be chosen, or the reason why it cannot. */
export interface Option {
  id: string;
  name: string;
  description?: string;
  unavailable?: string;
}

const permissionModes: readonly Option[] = [
  { id: "default", name: "Ask", description: "Commands and changes of files are asked for." },
  {
    id: "acceptEdits",
    name: "Accept edits",
    description: "Files may be changed, the rest is asked.",
  },
  { id: "plan", name: "Plan", description: "Nothing is changed: the agent reads and plans." },
  { id: "bypass", name: "Allow all", description: "Nothing is asked. Only inside a sandbox." },
];

/** The permission modes, as far as this agent has them. */
export function permissionModesOf(agent: AgentInfo): Option[] {
  return permissionModes.map((mode) =>
    mode.id === "plan" && !agent.capabilities.planMode
      ? { ...mode, unavailable: `${agentName(agent.id)} has no plan mode.` }
      : mode,
  );
}

/** The agent's modes; where planning is none of them, why. */
export function modesOf(agent: AgentInfo, modes: readonly AgentModeInfo[]): Option[] {
  if (agent.capabilities.planMode || modes.some(({ id }) => id === "plan")) return [...modes];
  const unavailable = `${agentName(agent.id)} has no plan mode.`;
  return [...modes, { id: "plan", name: "Plan", unavailable }];
}

/** What stands in the way of a session with this agent, or will be done first. */
export function hindranceOf(agent: AgentInfo): string | undefined {
  if (agent.install) return "It is being installed.";
  if (!agent.installed) return "Not installed: it is downloaded when the session is created.";
  if (!agent.credentialsAvailable) return "No key or login of it was found: turns will fail.";
  return undefined;
}

/** The variants of a model, or why none can be chosen. */
export function variantsOf(
  models: AgentModelsResponse | undefined,
  chosen: string,
): { variants: readonly string[]; defaultVariant?: string; unavailable?: string } {
  const id = chosen === "" ? models?.defaultModel : chosen;
  const model = models?.models.find((model) => model.id === id);
  if (!model) {
    return { variants: [], unavailable: "Choose a model first: variants are a model's own." };
  }
  const { variants = [], defaultVariant, name = model.id } = model;
  if (variants.length === 0) return { variants, unavailable: `${name} has no variants.` };
  return { variants, ...(defaultVariant !== undefined && { defaultVariant }) };
}
