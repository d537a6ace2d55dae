import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** The root of this repository. */
export const repository = join(import.meta.dirname, "../..");

/** What .gitignore leaves out, and git's own folder. */
const ignored = new Set([".git", "node_modules", "dist", "build", ".cache", "coverage"]);

/** The path of every file that is or may be committed, relative to the root. */
export async function repositoryFiles(): Promise<string[]> {
  const entries = await readdir(repository, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !ignored.has(name) && !name.endsWith(".log"))
      .map(async (entry) => (entry.isDirectory() ? await filesBelow(entry.name) : [entry.name])),
  );
  return found.flat();
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(join(repository, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
}
