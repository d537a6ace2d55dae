import { setTimeout as sleep } from "node:timers/promises";
import { RpcError, type Rpc } from "./rpc.ts";
import { terminalsOf } from "./terminals.ts";

/** How long the server may take to do one of these; it does them within milliseconds (0.169.0). */
export const STOP_MS = 5000;
const RETRY_MS = 20;
/** How long it may take to get hold of a command; 0.2 s seen of 0.169.0. */
const HOLD_MS = 1000;
/** How long a command that is known may take to be in its sandbox; 0.1 s seen of 0.169.0. */
const CONFINE_MS = 300;
/** The same for a session that ends: nobody waits for longer. */
const LEAVE_MS = 1000;

/** The commands of a thread, as those see them who stop its turn. */
export interface ThreadCommands {
  /** Those of the turn that have begun. */
  begun: () => string[];
  /** Whether one is of an earlier turn, and meant to go on. */
  isKept: (itemId: string) => boolean;
}

/** Stops a turn, with the commands that it would leave running. */
export async function stopTurn(
  rpc: Rpc,
  turn: { threadId: string | null; turnId: string },
  commands: ThreadCommands,
  mayRetry: () => boolean,
): Promise<void> {
  await awaitHold(rpc, turn.threadId, commands.begun);
  await interruptTurn(rpc, turn, mayRetry);
  for (const { itemId, processId } of await terminalsOf(rpc, turn.threadId)) {
    if (commands.isKept(itemId)) continue;
    const terminal = { threadId: turn.threadId, processId };
    await rpc.request("thread/backgroundTerminals/terminate", terminal, STOP_MS);
  }
}

/** One that has only just been accepted cannot be interrupted yet (0.169.0). */
async function interruptTurn(rpc: Rpc, turn: object, mayRetry: () => boolean): Promise<void> {
  for (;;) {
    try {
      await rpc.request("turn/interrupt", turn, STOP_MS);
      return;
    } catch (cause) {
      if (!(cause instanceof RpcError) || !mayRetry()) throw cause;
      await sleep(RETRY_MS);
    }
  }
}

/**
 * Waits until Codex has hold of the commands that have begun: one that is ended before it is wholly in
 * its sandbox goes on in there, and Codex knows nothing of it any more (0.169.0).
 */
async function awaitHold(rpc: Rpc, threadId: string | null, begun: () => string[]): Promise<void> {
  const late = AbortSignal.timeout(HOLD_MS);
  while (!late.aborted && begun().length > 0) {
    const held = new Set((await terminalsOf(rpc, threadId)).map(({ itemId }) => itemId));
    const isHeld = begun().every((itemId) => held.has(itemId));
    await sleep(isHeld ? CONFINE_MS : RETRY_MS);
    if (isHeld) return;
  }
}

/** Keeps a thread from going on by itself: it would also when nobody hears it any more (0.169.0). */
export async function pauseGoal(rpc: Rpc | undefined, threadId: string | null): Promise<void> {
  const goal = { threadId, status: "paused" };
  await rpc?.request("thread/goal/set", goal, LEAVE_MS).catch(() => undefined);
}

/** Ends what a thread has left running, and lets the server forget it. */
export async function leaveThread(rpc: Rpc | undefined, threadId: string | null): Promise<void> {
  for (const method of ["thread/backgroundTerminals/clean", "thread/unsubscribe"]) {
    await rpc?.request(method, { threadId }, LEAVE_MS).catch(() => undefined);
  }
}
