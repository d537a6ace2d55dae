import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { posix } from "node:path";

const MiB = 2 ** 20;
const LARGEST = 512 * MiB;
/** The smallest event buffer, in bytes. */
export const SMALLEST_EVENT_BUFFER = MiB;
const SHARE = 1 / 4;

/** Returns the content of a file, or undefined when it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/**
 * The default of `--event-buffer`, in bytes: a quarter of the memory of the machine or of the
 * cgroup, at least 1 MiB and at most 512 MiB.
 */
export function defaultEventBuffer(read: ReadText = readText, machine = totalmem()): number {
  const memory = Math.min(machine, cgroupLimit(read) ?? Infinity);
  return Math.floor(Math.max(SMALLEST_EVENT_BUFFER, Math.min(LARGEST, memory * SHARE)));
}

/**
 * The lowest memory limit of the cgroup of this process and of the cgroups around it, in bytes.
 * Undefined without a limit, and on systems without cgroups.
 */
export function cgroupLimit(read: ReadText): number | undefined {
  const limits = cgroupFiles(read).flatMap((path) => {
    const text = read(path)?.trim() ?? "";
    // `max` means that this cgroup has no limit; version 1 writes a number near 2 ** 63 instead.
    const bytes = /^\d+$/.test(text) ? Number(text) : Infinity;
    return bytes < 2 ** 53 && bytes > 0 ? [bytes] : [];
  });
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** The files with the limits of the cgroups of both versions, from the inside out. */
function cgroupFiles(read: ReadText): string[] {
  const lines = (read("/proc/self/cgroup") ?? "").trim().split("\n");
  return lines.flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    if (controllers === "") return ancestors("/sys/fs/cgroup", path, "memory.max");
    if (!controllers.split(",").includes("memory")) return [];
    return ancestors("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes");
  });
}

/** In a container the path may be that of the host, so the root of the mount is always included. */
function ancestors(root: string, path: string, file: string): string[] {
  const parts = posix.normalize(path).split("/").filter(Boolean);
  return Array.from({ length: parts.length + 1 }, (_, n) =>
    posix.join(root, ...parts.slice(0, parts.length - n), file),
  );
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
