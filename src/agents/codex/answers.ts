import type { AgentOutput } from "../agent.ts";
import { answerText } from "./async-question.ts";
import type { Pending } from "./pending.ts";
import { textInput } from "./prompt.ts";
import type { Rpc } from "./rpc.ts";

/** A message of the user, as members of a request. */
export interface Message {
  input: object[];
  clientUserMessageId?: string;
}

/** What the user has answered to questions that Codex does not wait for, until it has been told. */
export class Answers {
  #texts: string[] = [];
  #told = 0;
  /** Resolves when it is known whether what was put into the running turn has come in time. */
  steering: Promise<void> | undefined;

  get waiting(): boolean {
    return this.#texts.length > 0;
  }

  /** Lets the questions among `outputs` be answered; `answered` is called when there is something to tell. */
  expect(outputs: readonly AgentOutput[], pending: Pending, answered: () => void): void {
    for (const output of outputs) {
      if (output.type !== "question.requested") continue;
      const { request } = output;
      pending.expectAnswers(request.id, request, { detached: true }, async (answers) => {
        const text = answers && answerText(request, answers);
        // A rejection is told nobody: nothing waits for it.
        if (text == null) return;
        this.#texts.push(text);
        // The answer is told first.
        setImmediate(answered);
      });
    }
  }

  /**
   * The message that tells all of them. Codex tells of messages of the user as items; those with an
   * id of ours are not told by us.
   */
  take(): Message {
    const input = this.#texts.splice(0).map(textInput);
    return { input, clientUserMessageId: `answer_${++this.#told}` };
  }

  /** Puts them into the running turn; what comes too late for that stays to be told. */
  steer(rpc: Rpc, threadId: string | null, turnId: string): Promise<void> {
    this.steering = this.#steer(rpc, threadId, turnId);
    return this.steering;
  }

  async #steer(rpc: Rpc, threadId: string | null, turnId: string): Promise<void> {
    const texts = [...this.#texts];
    try {
      await rpc.request("turn/steer", { threadId, expectedTurnId: turnId, ...this.take() });
    } catch {
      this.#texts.unshift(...texts);
    } finally {
      this.steering = undefined;
    }
  }
}
