import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SMALL_KIB = 64;

/** A folder on a disk of its own. */
export interface Disk extends AsyncDisposable {
  readonly path: string;
  /** Leaves no room on it. */
  fill(): Promise<void>;
}

/** Mounts a small disk at `path` and fills it; only root may. */
export async function mountFullDisk(path: string): Promise<Disk> {
  await using parts = new AsyncDisposableStack();
  const disk = parts.use(await mountDisk(path, SMALL_KIB));
  await disk.fill();
  parts.move();
  return disk;
}

/** Mounts an empty disk at `path`; only root may. */
export async function mountDisk(path: string, sizeKib: number): Promise<Disk> {
  await mkdir(path, { recursive: true });
  await run("mount", ["-t", "tmpfs", "-o", `size=${sizeKib}k`, "tmpfs", path]);
  return {
    path,
    fill: () => fill(join(path, "full"), sizeKib),
    // Lazily: whoever still uses it keeps it, but nobody finds it any more.
    [Symbol.asyncDispose]: async () => void (await run("umount", ["-l", path])),
  };
}

/** Writes large blocks first, and then small ones. */
async function fill(file: string, sizeKib: number): Promise<void> {
  for (const kib of [1024, 1]) {
    if (!(await isFilled(file, kib, sizeKib * 2))) {
      throw new Error(`the disk of ${sizeKib} KiB does not get full`);
    }
  }
}

async function isFilled(file: string, kib: number, times: number): Promise<boolean> {
  for (const flag of Array.from({ length: times }, () => "a")) {
    try {
      await writeFile(file, Buffer.alloc(kib * 1024), { flag });
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOSPC") return true;
      throw cause;
    }
  }
  return false;
}
