import { open, realpath, stat } from "node:fs/promises";
import { parse } from "node:path";
import type { Environment } from "./environment.ts";

/** The largest script that a version manager writes, with room to spare. */
const MAX_SCRIPT_BYTES = 16 * 1024;
/** Variables by which version managers find their files and the version to run. */
const OF_MANAGERS =
  /^(?:ASDF|MISE|RTX|PYENV|NODENV|NVM|FNM|VOLTA|PROTO|AQUA)_|^XDG_(?:CONFIG|DATA|STATE|CACHE)_HOME$/;
const SECRET = /TOKEN|KEY|SECRET|PASSWORD|AUTH/;

/**
 * Reports if an executable may be a version manager's shim. Such a file stays the same when it runs
 * another version. A small script may be one, and so may a link to a program of another name.
 */
export async function isShim(path: string): Promise<boolean> {
  const target = await realpath(path);
  if (parse(target).name !== parse(path).name) return true;
  const { size } = await stat(target);
  if (size > MAX_SCRIPT_BYTES) return false;
  await using file = await open(target);
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return buffer.toString("latin1") === "#!";
}

/** The variables of version managers, without those that may hold secrets. */
export function managerVariables(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value && OF_MANAGERS.test(name) && !SECRET.test(name) ? [[name, value] as const] : [],
    ),
  );
}

/**
 * The folder in which a shim is asked for the version: the home, where the user has chosen one for all
 * folders. Never a folder of a repository, whose files would decide.
 */
export async function shimFolder(env: Environment, path: string): Promise<string> {
  const { HOME: home = "" } = env;
  const found = await stat(home).catch(() => undefined);
  return found?.isDirectory() === true ? home : parse(path).root;
}
