import { chmod, mkdir, stat } from "node:fs/promises";
import { dirname, relative, sep } from "node:path";

/** Modes of installed files and folders. Only the owner can write to them, with any umask. */
export const FOLDER_MODE = 0o755;
export const FILE_MODE = 0o644;
export const PROGRAM_MODE = 0o755;

const WRITABLE_BY_OTHERS = 0o022;
const WRITABLE_BY_ALL = 0o002;

/** Makes a folder and its parents. A stricter umask still applies. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
}

/**
 * Makes a world-writable folder writable by its owner alone. A folder that only a group can write to
 * is shared on purpose and stays as it is.
 */
export async function closeToOthers(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & WRITABLE_BY_ALL) === 0) return;
  // The folder of another user stays as it is: its owner decides.
  await chmod(path, mode & 0o7777 & ~WRITABLE_BY_OTHERS).catch(() => {});
}

/**
 * Reports if only root and this user can replace a file. The parent of `top`, every folder from `top`
 * down to the file, and the file must belong to one of them and be writable by the owner alone.
 * Windows has no such owners and modes, so every file passes there.
 */
export async function isProtected(file: string, top: string): Promise<boolean> {
  const uid = process.getuid?.();
  if (uid === undefined) return true;
  const names = relative(top, file).split(sep);
  const paths = [
    dirname(top),
    top,
    ...names.map((_, n) => [top, ...names.slice(0, n + 1)].join(sep)),
  ];
  const all = await Promise.all(paths.map((path) => stat(path)));
  return all.every((found) => {
    const isOwn = found.uid === 0 || found.uid === uid;
    return isOwn && (found.mode & WRITABLE_BY_OTHERS) === 0;
  });
}
