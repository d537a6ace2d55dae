import { readFileSync, writeFileSync } from "node:fs";

/** The kernel adds a thousandth of the machine's memory per unit to a process's size. */
const RAISE = 500;
const MAX = 1000;

/**
 * Makes the kernel kill this child and its children before this process when memory runs out.
 * Raising the value needs no privilege. Does nothing outside Linux.
 */
export function preferAsVictim(pid: number): void {
  if (process.platform !== "linux") return;
  try {
    const own = Number(readFileSync("/proc/self/oom_score_adj", "latin1"));
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(Math.min(MAX, own + RAISE)));
  } catch {
    // The child has exited already, or /proc is not mounted.
  }
}
