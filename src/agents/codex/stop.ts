import { setTimeout as sleep } from "node:timers/promises";
import { Terminals } from "./protocol.ts";
import { RpcError, type Rpc } from "./rpc.ts";

/** How long the server may take to do one of these; it does them within milliseconds (0.169.0). */
export const STOP_MS = 5000;
const RETRY_MS = 20;
/** The same for a session that ends: nobody waits for longer. */
const LEAVE_MS = 1000;

/** Stops a turn. One that has only just been accepted cannot be interrupted yet (0.169.0). */
export async function interruptTurn(
  rpc: Rpc,
  turn: { threadId: string | null; turnId: string },
  mayRetry: () => boolean,
): Promise<void> {
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

/** Ends the commands that an interrupted turn has left running, and not those of the turns before it. */
export async function endCommands(
  rpc: Rpc,
  threadId: string | null,
  isKept: (itemId: string) => boolean,
): Promise<void> {
  let cursor: string | null = null;
  do {
    const list: Terminals = Terminals.parse(
      await rpc.request("thread/backgroundTerminals/list", { threadId, cursor }, STOP_MS),
    );
    for (const { itemId, processId } of list.data) {
      if (isKept(itemId)) continue;
      const terminal = { threadId, processId };
      await rpc.request("thread/backgroundTerminals/terminate", terminal, STOP_MS);
    }
    cursor = list.nextCursor ?? null;
  } while (cursor !== null);
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
