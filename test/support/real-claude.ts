import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { claudeRecipe } from "../../src/agents/claude/install.ts";
import { type Installed, Installer } from "../../src/install/installer.ts";
import { npmRegistryEnvironment } from "./npm-registry.ts";

/** The version of the real Claude CLI that tests run. */
export const REAL_CLAUDE_VERSION = "2.1.330";

const INSTALL_DIR = join(import.meta.dirname, "../../.cache/agents");

let installing: Promise<Installed> | undefined;

/** The real Claude CLI, downloaded once into an ignored folder that all tests share. */
export async function realClaude(): Promise<{ installDir: string; path: string }> {
  installing ??= install();
  const { path } = await installing;
  return { installDir: INSTALL_DIR, path };
}

async function install(): Promise<Installed> {
  await using offline = new Installer({ installDir: INSTALL_DIR, env: {}, offline: true });
  const present = await offline.find("claude", claudeRecipe, REAL_CLAUDE_VERSION);
  if (present) return present;
  await using _lock = await lock(join(INSTALL_DIR, "claude.lock"));
  await using installer = new Installer({
    installDir: INSTALL_DIR,
    env: await npmRegistryEnvironment(),
  });
  return await installer.install("claude", claudeRecipe, { version: REAL_CLAUDE_VERSION });
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
