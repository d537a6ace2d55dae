import type { Prompt } from "../agents/agent.ts";

/** One message and what the agent makes of it, or a turn that the agent began by itself. */
export class Turn {
  readonly id: string;
  readonly origin: "user" | "agent";
  /** Undefined when the agent began the turn, and after the prompt was handed over. */
  prompt: Prompt | undefined;
  /** Sequence of its `turn.started`; undefined while it waits in the queue. */
  startSequence: number | undefined;
  /**
   * Sequence of the event at which a stream of this turn ends: its end, or its first permission or
   * question. Undefined before.
   */
  streamEnd: number | undefined;
  /** When it was started, in milliseconds of the monotonic clock. */
  startedAt = 0;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  readonly markEnded: () => void;

  constructor(number: number, origin: "user" | "agent", prompt?: Prompt) {
    this.id = `turn_${number}`;
    this.origin = origin;
    this.prompt = prompt;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.markEnded = resolve;
  }
}
