import { z } from "zod";
import type { Rpc } from "./rpc.ts";

/** The server answers within milliseconds (0.169.0). */
const ANSWER_MS = 5000;

const Terminals = z.looseObject({ data: z.array(z.unknown()) });

/** Whether commands that a thread has started still run, besides those of its turn. */
export async function runsCommands(rpc: Rpc, threadId: string): Promise<boolean> {
  try {
    const answer = await rpc.request("thread/backgroundTerminals/list", { threadId }, ANSWER_MS);
    return Terminals.parse(answer).data.length > 0;
  } catch {
    // It does not know the thread, or what a terminal is.
    return false;
  }
}
