import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { z } from "zod";

/** What is in these decides what the agent may do, or what runs later without being asked. */
const GUARDED = [".amp", ".git"];

const LINE_END = /[\n\r\u2028\u2029]/;
/** A line of a patch that names a file, without the spaces around it. */
const HEADER = /^\*\*\* (?:(?:Add|Update|Delete) File|Move to): *(.*)$/s;

const FileInput = z.object({ path: z.string() });
const PatchInput = z.object({ patchText: z.string() });

/** The files that a call of an editing tool changes; undefined for another tool. */
export function editedPaths(tool: string, input: unknown): string[] | undefined {
  if (tool === "create_file" || tool === "edit_file") {
    const file = FileInput.safeParse(input);
    return file.success ? [file.data.path] : undefined;
  }
  const patch = tool === "apply_patch" && PatchInput.safeParse(input).data;
  if (!patch) return undefined;
  const paths = patch.patchText
    .split(LINE_END)
    .flatMap((line) => HEADER.exec(line.trim())?.[1] ?? []);
  return paths.length > 0 ? paths : undefined;
}

/**
 * Whether every path is really inside the directory, links followed, and none is of those that
 * would widen what may be done. A path that does not exist is where its parent really is.
 */
export async function allInside(directory: string, paths: readonly string[]): Promise<boolean> {
  const root = await realpath(directory);
  for (const path of paths) {
    const real = await realOf(resolve(directory, path)).catch(() => undefined);
    if (real === undefined) return false;
    const below = relative(root, real);
    const parts = below.split(sep);
    if (below === "" || isAbsolute(below) || parts[0] === "..") return false;
    if (parts.some((part) => GUARDED.includes(part.toLowerCase()))) return false;
  }
  return true;
}

async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // A link to nothing would be written through: it is not known to lead inside.
    if (code !== "ENOENT" || (await isLink(path))) throw error;
    return join(await realOf(dirname(path)), basename(path));
  }
}

async function isLink(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSymbolicLink() === true;
}
