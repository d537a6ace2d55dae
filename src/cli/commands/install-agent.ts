import { setInterval } from "node:timers/promises";
import { z } from "zod";
import type { Agent } from "../../agents/agent.ts";
import { allAgents } from "../../agents/all.ts";
import type { InstallRecipe } from "../../agents/recipe.ts";
import type { InstallOptions as Wanted, Installer } from "../../install/installer.ts";
import { ProblemError } from "../../schema/problem.ts";
import { createInstaller, InstallOptions } from "../install-options.ts";
import { messageOf } from "../message-of.ts";
import { createProgressDisplay, type ProgressDisplay } from "../progress-bar.ts";

const REDRAW_MS = 100;

const Options = InstallOptions.extend({
  reinstall: z.boolean().optional(),
  agentVersion: z.string().optional(),
});

/** `sandbox-agent install-agent <agent|all>`: silent on stdout, as the reference; progress on stderr. */
export async function installAgent(id: string, given: unknown): Promise<void> {
  const { reinstall = false, agentVersion, ...options } = Options.parse(given);
  const wanted = { reinstall, ...(agentVersion !== undefined && { version: agentVersion }) };
  const agents = id === "all" ? [...allAgents().values()] : [getAgent(id)];
  await using installer = createInstaller(options, process.env);
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
  const display = createProgressDisplay(process.stderr);
  const { path, version } = await installVisibly(display, installer, { id, recipe, wanted });
  process.stderr.write(`${id}${version === undefined ? "" : ` ${version}`} is at ${path}\n`);
}

interface Task {
  id: string;
  recipe: InstallRecipe;
  wanted: Wanted;
}

/** Installs, and shows meanwhile how far it is. */
async function installVisibly(
  display: ProgressDisplay,
  installer: Installer,
  { id, recipe, wanted }: Task,
) {
  const done = new AbortController();
  const watching = watch(done.signal, () => {
    const progress = installer.progress(id);
    if (progress) display.show(id, progress);
  });
  try {
    return await installer.install(id, recipe, wanted);
  } finally {
    done.abort();
    await watching;
    display.clear();
  }
}

async function watch(signal: AbortSignal, look: () => void): Promise<void> {
  try {
    for await (const _ of setInterval(REDRAW_MS, undefined, { signal })) look();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function getAgent(id: string): Agent {
  const agent = allAgents().get(id);
  if (agent) return agent;
  throw new ProblemError("unsupported_agent", `unsupported agent: ${id}`, { agent: id });
}
