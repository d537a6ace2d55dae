import type { AgentSession } from "../agents/agent.ts";
import { within } from "../io/within.ts";
import type { Turn } from "./turn.ts";

/** Milliseconds to wait for the end of an interrupted turn. */
const LIMIT_MS = 9_000;
/** Milliseconds to wait for that end after the agent has stopped. */
const LAST_MS = 500;

/** Stops an agent in bounded time, also one that does not report the end of its turn. */
export class Interruption {
  #stopping: Promise<unknown> | undefined;
  #isEndOverdue = false;

  /** Settles when the agent has stopped, and never rejects; `undefined` when nothing is being stopped. */
  get stopping(): Promise<unknown> | undefined {
    return this.#stopping;
  }

  /** True while the agent may still report the end of a turn that the session has already ended. */
  get isEndOverdue(): boolean {
    return this.#isEndOverdue;
  }

  /** Stops the agent and waits for the end of the turn, at most 9 seconds; returns whether it came. */
  async endOf(turn: Turn, agent: AgentSession): Promise<boolean> {
    const limit = AbortSignal.timeout(LIMIT_MS);
    const stopped = await within(this.#stop(agent), limit);
    const last = AbortSignal.any([limit, AbortSignal.timeout(LAST_MS)]);
    if (await within(turn.ended, last)) return true;
    this.#isEndOverdue = !stopped;
    return false;
  }

  #stop(agent: AgentSession): Promise<unknown> {
    const stopping = Promise.allSettled([this.#stopping, agent.interrupt()]).finally(() => {
      if (this.#stopping !== stopping) return;
      this.#stopping = undefined;
      this.#isEndOverdue = false;
    });
    this.#stopping = stopping;
    return stopping;
  }
}
