import { type LeftBehind, variableOf } from "../../io/left-behind.ts";
import { Terminals } from "./protocol.ts";
import type { Rpc } from "./rpc.ts";

/** The server answers within milliseconds (0.169.0). */
const ANSWER_MS = 5000;

/** The commands of a thread that run, as Codex lists them. */
export async function terminalsOf(rpc: Rpc, threadId: string | null): Promise<Terminals["data"]> {
  const found: Terminals["data"] = [];
  let cursor: string | null = null;
  do {
    const list: Terminals = Terminals.parse(
      await rpc.request("thread/backgroundTerminals/list", { threadId, cursor }, ANSWER_MS),
    );
    found.push(...list.data);
    cursor = list.nextCursor ?? null;
  } while (cursor !== null);
  return found;
}

/** Whether a command of one of these threads started a process. Observed in Codex 0.171.0. */
export function isOfThread(process: LeftBehind, threads: readonly (string | null)[]): boolean {
  const named = ["CODEX_THREAD_ID", "CODEX_SESSION_ID"].map((name) => variableOf(process, name));
  return named.some((thread) => thread !== undefined && threads.includes(thread));
}

/** Whether commands that a thread has started still run, besides those of its turn. */
export async function runsCommands(rpc: Rpc, threadId: string): Promise<boolean> {
  try {
    return (await terminalsOf(rpc, threadId)).length > 0;
  } catch {
    // It does not know the thread, or what a terminal is.
    return false;
  }
}
