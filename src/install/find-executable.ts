import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Platform } from "../agents/recipe.ts";
import { absoluteFolders } from "../io/absolute-folders.ts";
import { type Environment, firstSet } from "./environment.ts";

/** Where agents are installed unless someone says otherwise: the user's data folder. */
export function defaultInstallDir(os: Platform["os"], env: Environment, home: string): string {
  return join(dataFolder(os, env, home), "sandbox-agent", "agents");
}

function dataFolder(os: Platform["os"], env: Environment, home: string): string {
  switch (os) {
    case "win32":
      return firstSet(env, ["LOCALAPPDATA"]) ?? join(home, "AppData", "Local");
    case "darwin":
      return join(home, "Library", "Application Support");
    case "linux": {
      const xdg = firstSet(env, ["XDG_DATA_HOME"]);
      return xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, ".local", "share");
    }
  }
}

/** Where an image or an administrator puts agents for everybody; laid out as an install dir. */
export function defaultSystemDirs(os: Platform["os"], env: Environment): string[] {
  if (os !== "win32") return ["/usr/local/lib/sandbox-agent/agents"];
  const shared = firstSet(env, ["ProgramData"]);
  return shared === undefined ? [] : [join(shared, "sandbox-agent", "agents")];
}

/** The first executable of that name on PATH. Relative entries depend on the cwd and do not count. */
export async function findOnPath(
  command: string,
  os: string,
  env: Environment,
): Promise<string | undefined> {
  for (const path of pathsOf(command, os, env)) {
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/** Where on PATH an executable of that name may lie. */
export function pathsOf(command: string, os: string, env: Environment): string[] {
  const names = os === "win32" ? [`${command}.exe`, `${command}.cmd`] : [command];
  const folders = absoluteFolders(firstSet(env, ["PATH", "Path"]) ?? "");
  return folders.flatMap((folder) => names.map((name) => join(folder, name)));
}

/** Whether there is a regular file; links are followed. */
export async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true;
}

/** Whether there is a regular file that may be run; links are followed. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return false;
    await access(path, constants.X_OK);
    return true;
  } catch {
    // Missing, dangling, behind a folder that may not be read: in each case nothing to run.
    return false;
  }
}
