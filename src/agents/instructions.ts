import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { readBounded } from "../io/read-bounded.ts";

/** Limits of one file, of all files together, and of the depth of imports. */
const MAX_FILE_BYTES = 256 * 1024;
const MAX_TOTAL_BYTES = 1024 * 1024;
const MAX_IMPORT_DEPTH = 5;

/** A text with instructions for the work in a folder. */
export interface Instruction {
  path: string;
  text: string;
}

/** The folders from the outermost that counts down to `directory`. */
export async function foldersAbove(
  directory: string,
  stopAtRepository: boolean,
): Promise<string[]> {
  const folders: string[] = [];
  for (let at = directory; ; at = dirname(at)) {
    folders.unshift(at);
    const isTop = stopAtRepository && (await isRepository(at));
    if (isTop || at === dirname(at)) return folders;
  }
}

/**
 * The same folders by the path that was given and by the real one. A process works in the real
 * folder, and so looks above that one if the given path contains a link.
 */
export async function foldersByEveryPath(
  directory: string,
  stopAtRepository: boolean,
): Promise<string[]> {
  const paths = [directory, await realpath(directory).catch(() => directory)];
  const folders = await Promise.all(paths.map((path) => foldersAbove(path, stopAtRepository)));
  return [...new Set(folders.flat())];
}

/** The folders by every path that hold a project's settings: those above, without the user's home. */
export async function projectFolders(
  directory: string,
  home: string | undefined,
  stopAtRepository: boolean,
): Promise<string[]> {
  const homes = [home, home === undefined ? home : await realpath(home).catch(() => home)];
  const folders = await foldersByEveryPath(directory, stopAtRepository);
  return folders.filter((folder) => !homes.includes(folder));
}

/** The root of the repository that holds a folder; the folder itself outside of a repository. */
export async function repositoryRoot(directory: string): Promise<string> {
  const folders = await foldersAbove(directory, true);
  const [top = directory] = folders;
  return (await isRepository(top)) ? top : directory;
}

async function isRepository(folder: string): Promise<boolean> {
  return (await stat(join(folder, ".git")).catch(() => undefined)) !== undefined;
}

/** Reads instruction files, each once and within limits; a file that cannot be read is left out. */
export class InstructionReader {
  /** The root of the repository by the path that was given. */
  readonly #root: string;
  /** The real folders whose files may be read: the root, and the directory itself. */
  readonly #allowed: readonly string[];
  readonly #read = new Set<string>();
  #bytes = 0;

  private constructor(root: string, allowed: readonly string[]) {
    this.#root = root;
    this.#allowed = allowed;
  }

  /** Opens a reader for a session's directory: links that leave its repository are not followed. */
  static async open(directory: string): Promise<InstructionReader> {
    const root = await repositoryRoot(directory);
    const folders = [root, directory].map((path) => realpath(path).catch(() => path));
    return new InstructionReader(root, await Promise.all(folders));
  }

  /** The file, if it is readable; with `imports` also the files that it imports by `@path`. */
  async read(path: string, { imports }: { imports: boolean }): Promise<Instruction[]> {
    return await this.#file(path, imports ? MAX_IMPORT_DEPTH : 0, dirname(path));
  }

  async #file(path: string, depth: number, home: string): Promise<Instruction[]> {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined || this.#read.has(real)) return [];
    if (!(await this.#isAllowed(real, home))) return [];
    this.#read.add(real);
    const left = Math.min(MAX_FILE_BYTES, MAX_TOTAL_BYTES - this.#bytes);
    const bytes = await readBounded(real, left).catch(() => undefined);
    if (bytes === undefined) return [];
    this.#bytes += bytes.length;
    const text = bytes.toString("utf8");
    const found: Instruction[] = [{ path, text }];
    if (depth === 0) return found;
    for (const name of importsOf(text)) {
      found.push(...(await this.#file(resolve(dirname(path), name), depth - 1, home)));
    }
    return found;
  }

  /** A link may lead out of a folder inside the repository. A folder above it counts as it is. */
  async #isAllowed(real: string, home: string): Promise<boolean> {
    if (this.#allowed.some((folder) => isInside(folder, real))) return true;
    if (isInside(this.#root, home)) return false;
    return isInside(await realpath(home).catch(() => home), real);
  }
}

function isInside(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return !isAbsolute(below) && below.split(sep)[0] !== "..";
}

/** The relative paths that a text imports by `@path`, outside of code. */
export function importsOf(text: string): string[] {
  const prose = text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return Array.from(prose.matchAll(/(?:^|\s)@([^\s@]+)/g), ([, path = ""]) => path).filter(
    (path) => !path.startsWith("/") && !path.startsWith("~"),
  );
}

/** The files as one text for a system prompt; undefined without files. */
export function instructionText(files: readonly Instruction[]): string | undefined {
  if (files.length === 0) return undefined;
  return files.map(({ path, text }) => `Instructions from ${path}:\n\n${text.trim()}`).join("\n\n");
}
