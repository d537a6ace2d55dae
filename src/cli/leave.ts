import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds to wait for work in Node's thread pool after all other work has ended. */
const PATIENCE_MS = 500;
const LOOK_MS = 10;
/** The requests that run in the pool, as Node names them. */
const POOLED = /^(FSReq|GetAddrInfo|GetNameInfo)/;

/**
 * Ends the process with an exit code. `process.exit` of Node waits for the threads of its pool. When
 * one of them is blocked, the process kills itself instead.
 */
export async function leave(code: number): Promise<void> {
  const late = AbortSignal.timeout(PATIENCE_MS);
  while (isPoolBusy() && !late.aborted) await sleep(LOOK_MS);
  if (isPoolBusy()) process.kill(process.pid, "SIGKILL");
  process.exit(code);
}

function isPoolBusy(): boolean {
  return process.getActiveResourcesInfo().some((name) => POOLED.test(name));
}
