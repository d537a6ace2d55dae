import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { errorCode } from "../io/error-code.ts";

/**
 * Folders whose files decide what an agent may do, or run later without a request. The list is that
 * of Claude Code in the mode acceptEdits (2.1.330), with the folders of the other agents.
 */
const GUARDED_FOLDERS = new Set(
  (
    ".git .vscode .idea .claude .husky .cargo .devcontainer .yarn .mvn " +
    ".amp .codex .opencode .agents"
  ).split(" "),
);

/** Files with the same effects, also from that list. */
const GUARDED_FILES = new Set(
  (
    ".gitconfig .gitmodules .bashrc .bash_profile .zshrc .zprofile .profile .zshenv .zlogin " +
    ".zlogout .bash_login .bash_aliases .bash_logout .envrc .ripgreprc .mcp.json .claude.json " +
    ".npmrc .yarnrc .yarnrc.yml .pnp.cjs .pnp.loader.mjs .pnp.js .pnp.data.json .pnpmfile.cjs " +
    "bunfig.toml .bunfig.toml .bazelrc .bazelversion .bazeliskrc .pre-commit-config.yaml " +
    "lefthook.yml .lefthook.yml lefthook.yaml .lefthook.yaml gradle-wrapper.properties " +
    "maven-wrapper.properties .devcontainer.json pyrightconfig.json " +
    "opencode.json opencode.jsonc"
  ).split(" "),
);

/**
 * Reports if the mode acceptEdits covers a change of these files. Every path must be inside the
 * directory with links followed, and none may be guarded. The parent decides for a path that does
 * not exist. An empty list is not covered.
 */
export async function acceptsEdits(directory: string, paths: readonly string[]): Promise<boolean> {
  if (paths.length === 0) return false;
  const root = await realpath(directory).catch(() => undefined);
  if (root === undefined) return false;
  for (const path of paths) {
    // A `..` behind a link means one file to the system and another to an agent that cuts the text.
    const meanings = [resolve(directory, path), isAbsolute(path) ? path : `${directory}/${path}`];
    for (const meaning of meanings) if (!(await isCovered(root, meaning))) return false;
  }
  return true;
}

async function isCovered(root: string, path: string): Promise<boolean> {
  const real = await realOf(path).catch(() => undefined);
  if (real === undefined) return false;
  const below = relative(root, real);
  const parts = below.split(sep);
  return below !== "" && !isAbsolute(below) && parts[0] !== ".." && !isGuarded(parts);
}

function isGuarded(parts: readonly string[]): boolean {
  const names = parts.map(folded);
  return names.some((name) => GUARDED_FOLDERS.has(name)) || GUARDED_FILES.has(names.at(-1) ?? "");
}

/** A name as file systems that ignore case compare it: the two letters fold to `i` and `s` there. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll("\u0131", "i").replaceAll("\u017f", "s");
}

async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    // A dangling link would be written through: it is not known to lead inside.
    if (errorCode(error) !== "ENOENT" || (await isLink(path))) throw error;
    return join(await realOf(dirname(path)), basename(path));
  }
}

async function isLink(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSymbolicLink() === true;
}
