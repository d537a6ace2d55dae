import { readdir, readFile, readlink, rename, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import semver from "semver";
import { isExecutable } from "./find-executable.ts";
import { closeToOthers, FILE_MODE, makeFolder } from "./folder-modes.ts";
import { remove, removeStale, temporaryPath } from "./temporary-folder.ts";

const CURRENT = "current";

/**
 * The versions of one agent in an install dir: a folder for each, complete from the moment it is
 * there, and `current`, which names the one that is used when nobody asks for another. It is a
 * link; on Windows, where links need a privilege, a file that holds the name.
 */
export class AgentFolder {
  readonly path: string;
  readonly #os: string;

  constructor(installDir: string, agentId: string, os: string) {
    this.path = join(installDir, agentId);
    this.#os = os;
  }

  /** Makes the folder and removes what died installs left in it. */
  async prepare(): Promise<void> {
    await makeFolder(this.path);
    await closeToOthers(this.path);
    await removeStale(this.path);
  }

  versionPath(version: string): string {
    return join(this.path, version);
  }

  /** The path of a version's executable if it is there; `version` may be any text. */
  async findExecutable(version: string, executable: string): Promise<string | undefined> {
    if (!semver.valid(version)) return undefined;
    const path = join(this.versionPath(version), executable);
    return (await isExecutable(path)) ? path : undefined;
  }

  /** Versions that have a folder, newest first. */
  async readVersions(): Promise<string[]> {
    const names = await ifThere(readdir(this.path));
    return (names ?? []).filter((name) => semver.valid(name)).sort(semver.rcompare);
  }

  async readCurrent(): Promise<string | undefined> {
    const path = join(this.path, CURRENT);
    const text = await ifThere(
      this.#os === "win32" ? readFile(path, "utf8") : readlink(path, "utf8"),
    );
    return text?.trim();
  }

  /** Switches `current` in one step: whoever looks sees the old version or the new one. */
  async switchTo(version: string): Promise<void> {
    const next = temporaryPath(this.path);
    await (this.#os === "win32"
      ? writeFile(next, version, { mode: FILE_MODE })
      : symlink(version, next));
    await rename(next, join(this.path, CURRENT));
  }

  /** Puts a complete folder in its place as `version`. */
  async publish(complete: string, version: string): Promise<void> {
    const target = this.versionPath(version);
    try {
      await rename(complete, target);
    } catch (error) {
      if (!isOccupied(error)) throw error;
      // The same version is there, by an earlier install or by another daemon a moment ago. Its
      // files are replaced one by one, so that there is no moment without it.
      await closeToOthers(target);
      await replaceFiles(complete, target);
    }
  }

  /** Removes old versions but for `current`, the most recent other one, and those in `keep`. */
  async prune(keep: ReadonlySet<string>): Promise<void> {
    const current = await this.readCurrent();
    const others = (await this.readVersions()).filter(
      (version) => version !== current && !keep.has(version),
    );
    const ages = await Promise.all(
      others.map(async (version) => {
        const found = await ifThere(stat(this.versionPath(version)));
        return { version, installedAt: found?.mtimeMs ?? 0 };
      }),
    );
    const [, ...old] = ages.sort((a, b) => b.installedAt - a.installedAt);
    for (const { version } of old) {
      // Renamed first: a version of which half is gone must not look like one.
      const doomed = temporaryPath(this.path);
      await ifThere(rename(this.versionPath(version), doomed));
      await remove(doomed);
    }
  }
}

async function replaceFiles(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const source = join(entry.parentPath, entry.name);
    const target = join(to, source.slice(from.length));
    await makeFolder(dirname(target));
    await rename(source, target);
  }
}

function isOccupied(error: unknown): boolean {
  const codes: unknown[] = ["ENOTEMPTY", "EEXIST", "EPERM"];
  return error instanceof Error && "code" in error && codes.includes(error.code);
}

/** Undefined where there is no such file, or not any more: another daemon may share the folder. */
async function ifThere<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
