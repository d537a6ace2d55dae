import { randomUUID } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeFolder } from "./folder-modes.ts";

const PREFIX = ".tmp";
const MAX_AGE_MS = 24 * 60 * 60 * 1000;
const HOST = hostname().replaceAll(/[^A-Za-z0-9]/g, "-");
/** Tells a process from an earlier one with its pid, as in a container that was started again. */
const STARTED = String(Math.round(performance.timeOrigin));

/** A path beside what it will replace, on the same file system, that names its owner. */
export function temporaryPath(parent: string): string {
  return join(parent, [PREFIX, HOST, process.pid, STARTED, randomUUID()].join("_"));
}

/** A folder for what is not complete yet. Whatever is still in it is removed at disposal. */
export async function createTemporaryFolder(
  parent: string,
): Promise<{ path: string } & AsyncDisposable> {
  const path = temporaryPath(parent);
  await makeFolder(path);
  return { path, [Symbol.asyncDispose]: () => remove(path) };
}

/** Removes what processes that died in the middle of an install have left in `parent`. */
export async function removeStale(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(`${PREFIX}_`));
  await Promise.all(
    names.map(async (name) => {
      const path = join(parent, name);
      if (isOrphan(name) || (await isOld(path))) await remove(path);
    }),
  );
}

/** Removes a file or a folder; one that is gone already is no error. */
export async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Of processes on other hosts that share the folder nothing is known but the age of their files. */
function isOrphan(name: string): boolean {
  const [, host, pid, started] = name.split("_");
  if (host !== HOST) return false;
  if (Number(pid) === process.pid) return started !== STARTED;
  return !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, and another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function isOld(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > MAX_AGE_MS;
  } catch {
    // Gone since it was listed, or a dangling link, which only an interrupted switch leaves.
    return false;
  }
}
