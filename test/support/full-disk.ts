import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SIZE_KIB = 64;

/** A folder on a disk of its own that has no room left. */
export interface FullDisk extends AsyncDisposable {
  readonly path: string;
}

/** Mounts a small disk at `path` and fills it; only root may. */
export async function mountFullDisk(path: string): Promise<FullDisk> {
  await mkdir(path);
  await run("mount", ["-t", "tmpfs", "-o", `size=${SIZE_KIB}k`, "tmpfs", path]);
  // Lazily: whoever still uses it keeps it, but nobody finds it any more.
  const disk = {
    path,
    [Symbol.asyncDispose]: async () => void (await run("umount", ["-l", path])),
  };
  try {
    await fill(join(path, "full"));
    return disk;
  } catch (cause) {
    await disk[Symbol.asyncDispose]();
    throw cause;
  }
}

async function fill(file: string): Promise<void> {
  for (const flag of Array.from({ length: SIZE_KIB * 2 }, () => "a")) {
    try {
      await writeFile(file, Buffer.alloc(1024), { flag });
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOSPC") return;
      throw cause;
    }
  }
  throw new Error(`the disk of ${SIZE_KIB} KiB does not get full`);
}
