import { z } from "zod";
import { allAgents } from "../../agents/all.ts";
import { ProblemError } from "../../schema/problem.ts";
import { createInstaller, InstallOptions } from "../install-options.ts";

const Options = InstallOptions.extend({
  reinstall: z.boolean().optional(),
  agentVersion: z.string().optional(),
});

/** `sandbox-agent install-agent <agent>`: silent when it succeeds, as the reference. */
export async function installAgent(id: string, given: unknown): Promise<void> {
  const { reinstall = false, agentVersion, ...options } = Options.parse(given);
  const agent = allAgents().get(id);
  const why = agent ? agent.unavailable : id;
  if (!agent || why !== undefined) {
    throw new ProblemError("unsupported_agent", `unsupported agent: ${why}`, { agent: id });
  }
  if (!agent.recipe) return;
  await using installer = createInstaller(options, process.env);
  await installer.install(id, agent.recipe, {
    reinstall,
    ...(agentVersion !== undefined && { version: agentVersion }),
  });
}
