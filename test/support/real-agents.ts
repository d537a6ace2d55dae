import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ampHealth } from "../../src/agents/amp/health.ts";
import { ampRecipe } from "../../src/agents/amp/install.ts";
import { claudeHealth } from "../../src/agents/claude/health.ts";
import { claudeRecipe } from "../../src/agents/claude/install.ts";
import { codexHealth } from "../../src/agents/codex/health.ts";
import { codexRecipe } from "../../src/agents/codex/install.ts";
import { opencodeHealth } from "../../src/agents/opencode/health.ts";
import { opencodeRecipe } from "../../src/agents/opencode/install.ts";
import type { InstallRecipe } from "../../src/agents/recipe.ts";
import { type Installed, Installer } from "../../src/install/installer.ts";
import { npmRegistryEnvironment } from "./npm-registry.ts";

/** The real agents, each with the newest version that is proven. Tests run this version. */
export const REAL_AGENTS = {
  claude: { recipe: claudeRecipe, version: claudeHealth.proven.newest },
  codex: { recipe: codexRecipe, version: codexHealth.proven.newest },
  opencode: { recipe: opencodeRecipe, version: opencodeHealth.proven.newest },
  amp: { recipe: ampRecipe, version: ampHealth.proven.newest },
} satisfies Record<string, { recipe: InstallRecipe; version: string }>;

export type RealAgentId = keyof typeof REAL_AGENTS;

const CACHE_DIR = join(import.meta.dirname, "../../.cache");

/** The folder into which the canary installs the newest releases. */
export const CANARY_DIR = join(CACHE_DIR, "canary");

/** Versions that replace the pinned ones, such as `claude@2.1.400,codex@0.180.0`. */
export const CANARY_VARIABLE = "CANARY_VERSIONS";

const installing = new Map<RealAgentId, Promise<Installed>>();

/** A real agent's executable, downloaded once into an ignored folder that all tests share. */
export async function realAgent(id: RealAgentId): Promise<{ installDir: string; path: string }> {
  const installed = installing.get(id) ?? install(id);
  installing.set(id, installed);
  const { path } = await installed;
  return { installDir: testedAgent(id).installDir, path };
}

/** The version of an agent that is tested, and the folder in which it is installed. */
export function testedAgent(id: RealAgentId): { version: string; installDir: string } {
  const replacements = (process.env[CANARY_VARIABLE] ?? "").split(",");
  const replacement = replacements.find((entry) => entry.startsWith(`${id}@`));
  return replacement === undefined
    ? { version: REAL_AGENTS[id].version, installDir: join(CACHE_DIR, "agents") }
    : { version: replacement.slice(id.length + 1), installDir: CANARY_DIR };
}

async function install(id: RealAgentId): Promise<Installed> {
  const { recipe } = REAL_AGENTS[id];
  const { version, installDir } = testedAgent(id);
  await using offline = new Installer({ installDir, env: {}, offline: true });
  const present = await offline.find(id, recipe, version);
  if (present) return present;
  await using _lock = await lock(installDir, id);
  await using installer = new Installer({ installDir, env: await npmRegistryEnvironment() });
  return await installer.install(id, recipe, { version });
}

/**
 * One worker at a time: two downloads would be harmless, but slow. The lock is a link to nothing
 * that names its owner, because that is made and filled in one step.
 */
async function lock(installDir: string, id: RealAgentId): Promise<AsyncDisposable> {
  const path = join(installDir, `${id}.lock`);
  await mkdir(installDir, { recursive: true });
  for (;;) {
    try {
      await symlink(String(process.pid), path);
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch {
      const owner = await readlink(path).catch(() => undefined);
      if (owner !== undefined && !isAlive(Number(owner))) await rm(path, { force: true });
      await sleep(200);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
