import type { AgentOutput } from "../agent.ts";
import { TurnCompleted } from "./protocol.ts";
import type { Rpc } from "./rpc.ts";
import { stopTurn, type ThreadCommands } from "./stop.ts";
import type { Translator } from "./translate.ts";

const NO_COMMANDS: ThreadCommands = { begun: () => [], isKept: () => false };

/** The threads of a session's subagents; they go on when their parent's turn is interrupted (0.169.0). */
export class Subagents {
  readonly #translators = new Map<string, Translator>();
  /** Their running turns, by the threads. */
  readonly #turns = new Map<string, string>();

  get threads(): Iterable<string> {
    return this.#translators.keys();
  }

  add(threadId: string, translator: Translator): void {
    this.#translators.set(threadId, translator);
  }

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
  async interrupt(rpc: Rpc, isAsked: (callId: string) => boolean): Promise<void> {
    for (const [threadId, turnId] of this.#turns) {
      const commands = this.#translators.get(threadId)?.commands(isAsked) ?? NO_COMMANDS;
      await stopTurn(rpc, { threadId, turnId }, commands, () => false);
    }
  }

  get areWorking(): boolean {
    return this.#turns.size > 0;
  }

  /** The server has gone, and with it whatever they did. */
  lose(): AgentOutput[] {
    this.#turns.clear();
    return [...this.#translators.values()].flatMap((translator) => translator.lose());
  }
}
