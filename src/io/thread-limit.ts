import { readFileSync, readdirSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";

/** The runtimes' pools, one process of an agent, and room for what that starts. */
const REQUIRED = 16;
/** The size of the pool for file operations. */
const POOL = 4;

/** The limit of a user's threads and their present number. */
interface ThreadUsage {
  limit: number;
  used: number;
}

/**
 * Checks that this user may start enough threads, and starts those of the pool. Both runtimes abort
 * the process when they cannot start a thread of the pool.
 *
 * @throws Error when the limit of processes (`ulimit -u`) leaves too little room.
 */
export async function requireThreads(usage: ThreadUsage = threadUsage()): Promise<void> {
  const left = usage.limit - usage.used;
  if (left < REQUIRED) {
    throw new Error(
      `the limit of processes (ulimit -u) is ${usage.limit} and ${usage.used} are in use: at least ${REQUIRED} must be free`,
    );
  }
  await Promise.all(Array.from({ length: POOL }, () => stat("/")));
}

/** Unlimited for root, and where the system does not report a limit. */
function threadUsage(): ThreadUsage {
  const uid = process.getuid?.() ?? 0;
  const unlimited = { limit: Infinity, used: 0 };
  if (process.platform !== "linux" || uid === 0) return unlimited;
  try {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const limit = Number(/^Max processes +(\d+)/m.exec(limits)?.[1] ?? Infinity);
    return { limit, used: Number.isFinite(limit) ? countThreads(uid) : 0 };
  } catch {
    return unlimited;
  }
}

function countThreads(uid: number): number {
  let count = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (statSync(`/proc/${name}`).uid === uid) count += readdirSync(`/proc/${name}/task`).length;
    } catch {
      // The process has ended meanwhile.
    }
  }
  return count;
}
