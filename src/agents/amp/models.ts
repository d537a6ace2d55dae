import type { ModelsOptions } from "../agent.ts";
import type { AgentModelsResponse } from "../../schema/agent.ts";
import type { Probe } from "./probe.ts";

/** What each generation of the CLI takes where none is named (0.0.1790142911 and 0.0.1769425000). */
const DEFAULTS = ["medium", "smart"];

/** The modes of the server-loop CLI, for when it cannot be asked. */
const MODES = ["low", "medium", "high", "ultra"];

/** Amp has modes where others have models: each is a model with its prompt and its tools. */
export async function ampModels(
  probe: Probe,
  { executable, ...asked }: ModelsOptions,
): Promise<AgentModelsResponse> {
  const modes = executable === undefined ? [] : await modesOf(probe, executable, asked);
  return toModels(modes.length === 0 ? MODES : modes);
}

function toModels(modes: string[]): AgentModelsResponse {
  const chosen = modes.find((mode) => DEFAULTS.includes(mode));
  return {
    models: modes.map((id) => ({ id, name: `${id.charAt(0).toUpperCase()}${id.slice(1)}` })),
    ...(chosen !== undefined && { defaultModel: chosen }),
  };
}

async function modesOf(
  probe: Probe,
  executable: string,
  asked: Omit<ModelsOptions, "executable">,
): Promise<string[]> {
  // A CLI that does not answer says itself why not when it is to work.
  return (await probe.abilities(executable, asked).catch(() => undefined))?.modes ?? [];
}
