import { setImmediate as tick, setTimeout as sleep } from "node:timers/promises";
import { Bell } from "../../io/bell.ts";
import type { AgentOutput, AgentSession, OpenOptions, Prompt, TurnOutcome } from "../agent.ts";
import { promptText } from "../prompt-text.ts";
import type { MockScript } from "./scripts.ts";

/** How a mock session plays its turns. */
export interface MockSessionOptions {
  /** The script for a message. */
  script: MockScript;
  /** After everything it says. */
  pauseMs: number;
}

/** A conversation that follows a script. */
export class MockSession implements AgentSession {
  readonly nativeSessionId: string;
  readonly #opened: OpenOptions;
  readonly #options: MockSessionOptions;
  #messages = 0;
  /** Requests of the running turn that nobody has answered. */
  readonly #asked = new Set<string>();
  readonly #replied = new Bell();
  #turn = new AbortController();
  #playing: Promise<void> = Promise.resolve();

  constructor(opened: OpenOptions, options: MockSessionOptions) {
    this.nativeSessionId = `mock-${opened.sessionId}`;
    this.#opened = opened;
    this.#options = options;
  }

  async startTurn(prompt: Prompt): Promise<void> {
    const turn = { prefix: `mock_${++this.#messages}`, text: promptText(prompt).trim() };
    this.#asked.clear();
    this.#turn = new AbortController();
    // The turn before has ended: the session calls from where its end was emitted.
    this.#playing = this.#play(this.#options.script(turn), this.#turn.signal);
  }

  async interrupt(): Promise<void> {
    this.#turn.abort();
    await this.#playing;
  }

  async replyPermission(id: string): Promise<void> {
    this.#markAnswered(id);
  }

  async replyQuestion(id: string): Promise<void> {
    this.#markAnswered(id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.interrupt();
  }

  async #play(script: Iterable<AgentOutput[]>, signal: AbortSignal): Promise<void> {
    try {
      await this.#follow(script, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#endTurn({ status: "interrupted" }, false);
    }
  }

  async #follow(script: Iterable<AgentOutput[]>, signal: AbortSignal): Promise<void> {
    // The message is answered before anything is said to it.
    await tick(undefined, { signal });
    let last: AgentOutput | undefined;
    for (const outputs of script) {
      for (const output of outputs) if (isRequest(output)) this.#asked.add(output.request.id);
      this.#opened.emit(outputs);
      last = outputs.at(-1);
      await sleep(this.#options.pauseMs, undefined, { signal });
    }
    if (last && isRequest(last)) await this.#untilAnswered(signal);
    this.#endTurn({ status: "completed" }, true);
  }

  async #untilAnswered(signal: AbortSignal): Promise<void> {
    while (this.#asked.size > 0 && !signal.aborted) await this.#replied.wait({ signal });
    // The session records a reply once it has been delivered: in the microtasks after it.
    await tick(undefined, { signal });
  }

  #markAnswered(id: string): void {
    this.#asked.delete(id);
    this.#replied.ring();
  }

  #endTurn(outcome: TurnOutcome, keepRequests: boolean): void {
    this.#opened.emit([{ type: "turn.ended", outcome, keepRequests }]);
  }
}

function isRequest(
  output: AgentOutput,
): output is Extract<AgentOutput, { type: "permission.requested" | "question.requested" }> {
  return output.type === "permission.requested" || output.type === "question.requested";
}
