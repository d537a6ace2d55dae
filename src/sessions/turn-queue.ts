import type { Prompt } from "../agents/agent.ts";
import { ProblemError } from "../schema/problem.ts";
import { promptBytes, type QueueBudget } from "./queue-budget.ts";
import type { Turn } from "./turn.ts";

/** Messages that may wait behind a running turn. */
const MAX_QUEUED = 64;

/** The messages of a session that wait for a turn. */
export class TurnQueue {
  readonly #budget: QueueBudget;
  readonly #sessionId: string;
  readonly #turns: { turn: Turn; bytes: number }[] = [];
  #bytes = 0;

  constructor(budget: QueueBudget, sessionId: string) {
    this.#budget = budget;
    this.#sessionId = sessionId;
  }

  get length(): number {
    return this.#turns.length;
  }

  /**
   * Reserves memory for a message that has to wait. Returns its bytes.
   *
   * @throws ProblemError `queue_full`
   */
  reserve(prompt: Prompt): number {
    if (this.length >= MAX_QUEUED) {
      throw new ProblemError(
        "queue_full",
        `queue full: ${MAX_QUEUED} messages wait already; send again after a turn.ended`,
        { sessionId: this.#sessionId },
      );
    }
    const bytes = promptBytes(prompt);
    this.#budget.take(bytes, this.#bytes, this.#sessionId);
    this.#bytes += bytes;
    return bytes;
  }

  /** Adds a turn with the bytes that `reserve` returned, or 0. */
  push(turn: Turn, bytes: number): void {
    this.#turns.push({ turn, bytes });
  }

  /** Removes the first turn. */
  shift(): Turn | undefined {
    const first = this.#turns.shift();
    if (!first) return undefined;
    this.#bytes -= first.bytes;
    this.#budget.giveBack(first.bytes);
    return first.turn;
  }
}
