import type { Bell } from "../../io/bell.ts";

/** An abort is tried again after so long, and for so long. */
const AGAIN_MS = 300;
const LIMIT_MS = 30_000;

/** What the server does for a turn. */
export interface Work {
  isGoingOn(): boolean;
  /** The agent has begun its message, or failed. */
  isAbortable(): boolean;
  /** Rung when one of them may have changed. */
  changed: Bell;
  /** Asks the server to stop; must not reject. */
  abort(): Promise<void>;
  /** Asks the server whether it has; must not reject. */
  check(): Promise<void>;
}

/**
 * Ends what the server does for a turn, in bounded time. An abort that comes before the agent's
 * message has begun is lost, or breaks a directory that is being opened (1.18.33).
 */
export async function stopWork(work: Work, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  while (work.isGoingOn() && !work.isAbortable() && !limit.aborted) {
    await work.changed.wait({ signal: limit });
  }
  while (work.isGoingOn()) {
    await work.abort();
    const soon = AbortSignal.any([limit, AbortSignal.timeout(AGAIN_MS)]);
    while (work.isGoingOn() && !soon.aborted) await work.changed.wait({ signal: soon });
    if (limit.aborted) return;
    if (work.isGoingOn()) await work.check();
  }
}
