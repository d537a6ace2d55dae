import { TurnCompleted } from "./protocol.ts";
import type { Rpc } from "./rpc.ts";
import { endCommands, STOP_MS } from "./stop.ts";

/** The threads of a session's subagents; they go on when their parent's turn is interrupted (0.169.0). */
export class Subagents {
  readonly threads = new Set<string>();
  /** Their running turns, by the threads. */
  readonly #turns = new Map<string, string>();

  /** Hears of a turn of one; gives how it went when it has ended. */
  hear(method: string, params: Record<string, unknown>): string | undefined {
    const { threadId } = params;
    const turn = TurnCompleted.safeParse(params).data?.turn;
    if (typeof threadId !== "string" || !turn) return undefined;
    if (method === "turn/started") this.#turns.set(threadId, turn.id);
    if (method !== "turn/completed") return undefined;
    this.#turns.delete(threadId);
    return turn.status;
  }

  /** Interrupts all of them, with the commands that they run. */
  async interrupt(rpc: Rpc): Promise<void> {
    for (const [threadId, turnId] of this.#turns) {
      await rpc.request("turn/interrupt", { threadId, turnId }, STOP_MS);
      await endCommands(rpc, threadId, () => false);
    }
  }

  clear(): void {
    this.#turns.clear();
  }
}
