import { z } from "zod";
import type { Agent } from "../../agents/agent.ts";
import { allAgents } from "../../agents/all.ts";
import type { InstallOptions as Wanted, Installer } from "../../install/installer.ts";
import { visibleText } from "../../io/visible-text.ts";
import { getAgent } from "../get-agent.ts";
import { createInstaller } from "../install-options.ts";
import { InstallSchema } from "../install-schema.ts";
import { messageOf } from "../message-of.ts";
import { showInstall } from "../show-install.ts";

const Options = InstallSchema.extend({
  reinstall: z.boolean().optional(),
  agentVersion: z.string().optional(),
});

/** `sandbox-agent install-agent <agent|all>`: silent on stdout, as the reference; progress on stderr. */
export async function installAgent(id: string, given: unknown): Promise<void> {
  const { reinstall = false, agentVersion, ...options } = Options.parse(given);
  const wanted = { reinstall, ...(agentVersion !== undefined && { version: agentVersion }) };
  const agents = id === "all" ? [...allAgents().values()] : [getAgent(id)];
  const show = (line: string) => process.stderr.write(`${line}\n`);
  await using installer = createInstaller(options, process.env, {
    log: { info: show, warn: show },
  });
  const failures: unknown[] = [];
  for (const agent of agents) {
    try {
      await installOne(installer, agent, wanted);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new Error(failures.map(messageOf).join("; "));
}

async function installOne(installer: Installer, agent: Agent, wanted: Wanted): Promise<void> {
  const { id, recipe } = agent;
  if (!recipe) return;
  const { path, version } = await showInstall(installer, id, () =>
    installer.install(id, recipe, wanted),
  );
  const name = version === undefined ? id : `${id} ${visibleText(version, "name")}`;
  process.stderr.write(`${name} is at ${visibleText(path, "name")}\n`);
}
