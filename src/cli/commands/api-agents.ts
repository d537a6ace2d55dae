import { z } from "zod";
import { ask } from "../ask.ts";

/** `api agents list`. */
export function listAgents(given: unknown): Promise<void> {
  return ask(given, (client) => client.listAgents());
}

/** `api agents install <agent>`. */
export function installAgent(agent: string, given: unknown): Promise<void> {
  const { reinstall } = z.object({ reinstall: z.boolean().optional() }).parse(given);
  return ask(given, (client) => client.installAgent(agent, { reinstall }));
}

/** `api agents modes <agent>`. */
export function listModes(agent: string, given: unknown): Promise<void> {
  return ask(given, (client) => client.getAgentModes(agent));
}

/** `api agents models <agent>`. */
export function listModels(agent: string, given: unknown): Promise<void> {
  return ask(given, (client) => client.getAgentModels(agent));
}

/** `api agents doctor <agent>`. */
export function examineAgent(agent: string, given: unknown): Promise<void> {
  const { checkKey } = z.object({ checkKey: z.boolean().default(false) }).parse(given);
  return ask(given, (client) => client.getAgentDoctor(agent, { checkKey }));
}
