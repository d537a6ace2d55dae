import { readFileSync } from "node:fs";

/** Assumed where the system does not say. */
const USUAL_LIMIT = 1024;

/** How many files and connections this process may have open at once. Linux reports it. */
export function openFileLimit(): number {
  try {
    const [, soft] =
      /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    if (soft === "unlimited") return Infinity;
    return soft === undefined ? USUAL_LIMIT : Number(soft);
  } catch {
    return USUAL_LIMIT;
  }
}
