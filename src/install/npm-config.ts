import { devNull } from "node:os";
import { isAbsolute } from "node:path";
import Config from "@npmcli/config";
import library from "@npmcli/config/lib/definitions/index.js";
import envReplace from "@npmcli/config/lib/env-replace.js";
import { errorCode } from "../io/error-code.ts";
import { readBounded } from "../io/read-bounded.ts";
import type { Environment } from "./environment.ts";
import { findOnPath } from "./find-executable.ts";

const MAX_NPMRC_BYTES = 1024 * 1024;
/** Settings that name files. npm resolves them against the working directory. */
const PATHS = ["userconfig", "prefix", "globalconfig", "cafile"];
/** A variable that npm's library found no value for. */
const UNSET_VARIABLE = /\$\{([^${}?]+)\}/;
/** The usual path of `node`. npm derives its global folder from it. */
const USUAL_NODE = "/usr/local/bin/node";

/** The value of a setting and its origin. */
export interface NpmSetting {
  value: unknown;
  /** The path of an npmrc, or `the environment`. */
  source: string;
}

/**
 * npm's settings, read by npm's own library from the environment, the user's npmrc and the global
 * npmrc, in this order. The npmrc of a project is never read: the working directory belongs to the
 * agent. npm ignores it likewise for `npm install --global`.
 */
export class NpmConfig {
  /** Every place that was looked in, strongest first. */
  readonly sources: readonly string[];
  readonly #config: Config;

  private constructor(config: Config, sources: readonly string[]) {
    this.#config = config;
    this.sources = sources;
  }

  /** @throws when a setting names a file by a relative path, or an npmrc cannot be read. */
  static async load(env: Environment): Promise<NpmConfig> {
    const config = new Config({
      ...library,
      env: usableOnly(env),
      argv: [],
      execPath: await nodePath(env),
      platform: process.platform,
      // The library looks for a project and for npm itself there only in `load`, which is not called.
      cwd: "/",
      npmPath: "/",
      warn: false,
    });
    // `load` would also read the project's npmrc, and asks for the working directory. Steps of npm
    // 11 (10.14.0 of the library), in the order of `load`.
    config.loadDefaults();
    config.loadEnv();
    const user = await usableFile(config, env, "userconfig");
    await config.loadUserConfig();
    const global = await usableFile(config, env, "globalconfig");
    // The library does not load one file twice.
    if (global !== user) await config.loadGlobalConfig();
    rejectRelativePaths(config, env);
    return new NpmConfig(config, [...new Set(["the environment", user, global])]);
  }

  /** The strongest value of a setting that is not a default; undefined when there is none. */
  find(key: string): NpmSetting | undefined {
    for (const where of ["env", "user", "global"]) {
      const found = this.#config.data.get(where);
      if (!found || !Object.hasOwn(found.data, key)) continue;
      const source = where === "env" ? "the environment" : (found.source ?? where);
      return { value: found.data[key], source };
    }
    return undefined;
  }

  /** The text of a setting; undefined when it is not set or empty. */
  text(key: string): string | undefined {
    const value = this.find(key)?.value;
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** The texts of a setting that may be a list. */
  texts(key: string): string[] {
    const value = this.find(key)?.value;
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.flatMap((one) => (typeof one === "string" && one !== "" ? [one] : []));
  }
}

/** The registry that npm uses when no setting names another. */
export const defaultRegistry = String(library.definitions["registry"]?.default);

/** The name of a variable that a value refers to and that is not set. */
export function unsetVariable(value: string): string | undefined {
  return UNSET_VARIABLE.exec(value)?.[1];
}

/** npm reads `etc/npmrc` below these two folders, so relative ones are left out. */
function usableOnly(env: Environment): Record<string, string> {
  const isUsable = (name: string, value: string) =>
    !["PREFIX", "DESTDIR"].includes(name) || isAbsolute(value);
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && isUsable(name, value) ? [[name, value]] : [],
    ),
  );
}

/** The `node` whose folder decides which npmrc is the global one. */
async function nodePath(env: Environment): Promise<string> {
  if (process.versions["bun"] === undefined) return process.execPath;
  const { realpath } = await import("node:fs/promises");
  const found = await findOnPath("node", process.platform, env);
  return found === undefined ? USUAL_NODE : await realpath(found);
}

/**
 * The path of an npmrc. As in npm, a file that does not exist or that this user may not read holds
 * no settings. A pipe or a device would block the library and is rejected.
 */
async function usableFile(config: Config, env: Environment, key: string): Promise<string> {
  rejectRelativePaths(config, env);
  const path = String(config.data.get("cli")?.data[key]);
  if (path === devNull) return path;
  try {
    await readBounded(path, MAX_NPMRC_BYTES);
  } catch (error) {
    if (!["ENOENT", "ENOTDIR", "EACCES"].includes(errorCode(error) ?? "")) throw error;
  }
  return path;
}

function rejectRelativePaths(config: Config, env: Environment): void {
  for (const where of ["env", "user", "global"]) {
    for (const key of PATHS) {
      const found = config.data.get(where);
      const raw = found?.raw[key];
      if (typeof raw !== "string" || raw.trim() === "") continue;
      const path = envReplace(raw.trim(), env);
      if (isAbsolute(path) || /^~[/\\]/.test(path)) continue;
      const source = where === "env" ? "the environment" : (found?.source ?? where);
      throw new Error(`npm's setting ${key} in ${source} must be an absolute path`);
    }
  }
}
