import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ampRecipe } from "../../src/agents/amp/install.ts";
import { claudeRecipe } from "../../src/agents/claude/install.ts";
import { codexRecipe } from "../../src/agents/codex/install.ts";
import { opencodeRecipe } from "../../src/agents/opencode/install.ts";
import type { InstallRecipe } from "../../src/agents/recipe.ts";
import { type Installed, Installer } from "../../src/install/installer.ts";
import { npmRegistryEnvironment } from "./npm-registry.ts";

/** The real agents, each in the version that tests run. */
export const REAL_AGENTS = {
  claude: { recipe: claudeRecipe, version: "2.1.330" },
  codex: { recipe: codexRecipe, version: "0.169.0" },
  opencode: { recipe: opencodeRecipe, version: "1.18.33" },
  amp: { recipe: ampRecipe, version: "0.0.1790142911-g7618fb" },
} satisfies Record<string, { recipe: InstallRecipe; version: string }>;

export type RealAgentId = keyof typeof REAL_AGENTS;

const INSTALL_DIR = join(import.meta.dirname, "../../.cache/agents");

const installing = new Map<RealAgentId, Promise<Installed>>();

/** A real agent's executable, downloaded once into an ignored folder that all tests share. */
export async function realAgent(id: RealAgentId): Promise<{ installDir: string; path: string }> {
  const installed = installing.get(id) ?? install(id);
  installing.set(id, installed);
  const { path } = await installed;
  return { installDir: INSTALL_DIR, path };
}

async function install(id: RealAgentId): Promise<Installed> {
  const { recipe, version } = REAL_AGENTS[id];
  await using offline = new Installer({ installDir: INSTALL_DIR, env: {}, offline: true });
  const present = await offline.find(id, recipe, version);
  if (present) return present;
  await using _lock = await lock(join(INSTALL_DIR, `${id}.lock`));
  await using installer = new Installer({
    installDir: INSTALL_DIR,
    env: await npmRegistryEnvironment(),
  });
  return await installer.install(id, recipe, { version });
}

/**
 * One worker at a time: two downloads would be harmless, but slow. The lock is a link to nothing
 * that names its owner, because that is made and filled in one step.
 */
async function lock(path: string): Promise<AsyncDisposable> {
  await mkdir(INSTALL_DIR, { recursive: true });
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
