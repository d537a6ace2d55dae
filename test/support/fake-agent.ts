import type {
  Agent,
  AgentOutput,
  AgentSession,
  OpenOptions,
  Prompt,
} from "../../src/agents/agent.ts";
import { createMockAgent } from "../../src/agents/mock/index.ts";
import type { PermissionReply } from "../../src/schema/permission.ts";

/** What a fake agent does beyond noting that it was asked to. */
export interface FakeBehaviour {
  /** By default nothing is said and the turn stays open. */
  startTurn?(agent: FakeAgentSession, prompt: Prompt): void | Promise<void>;
  /** By default the turn ends at once. */
  interrupt?(agent: FakeAgentSession): void | Promise<void>;
  /** A rejection means that the answer could not be delivered. */
  reply?(agent: FakeAgentSession, id: string): void | Promise<void>;
  dispose?(agent: FakeAgentSession): void | Promise<void>;
}

/** An agent's session whose every word a test decides. */
export class FakeAgentSession implements AgentSession {
  readonly nativeSessionId = "native";
  /** What it was asked to do, in order. */
  readonly calls: string[] = [];
  readonly #emit: (outputs: AgentOutput[]) => void;
  readonly #behaviour: FakeBehaviour;

  constructor(emit: (outputs: AgentOutput[]) => void, behaviour: FakeBehaviour = {}) {
    this.#emit = emit;
    this.#behaviour = behaviour;
  }

  say(...outputs: AgentOutput[]): void {
    this.#emit(outputs);
  }

  /** Ends the running turn. */
  end(outcome: Extract<AgentOutput, { type: "turn.ended" }>["outcome"] = completed): void {
    this.say({ type: "turn.ended", outcome });
  }

  async startTurn(prompt: Prompt): Promise<void> {
    this.calls.push(`start ${prompt.text}`);
    await this.#behaviour.startTurn?.(this, prompt);
  }

  async interrupt(): Promise<void> {
    this.calls.push("interrupt");
    if (this.#behaviour.interrupt) await this.#behaviour.interrupt(this);
    else this.end({ status: "interrupted" });
  }

  async replyPermission(id: string, reply: PermissionReply): Promise<void> {
    this.calls.push(`${reply} ${id}`);
    await this.#behaviour.reply?.(this, id);
  }

  async replyQuestion(id: string, answers: string[][] | null): Promise<void> {
    this.calls.push(`answer ${id} ${JSON.stringify(answers)}`);
    await this.#behaviour.reply?.(this, id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.calls.push("dispose");
    await this.#behaviour.dispose?.(this);
  }
}

/** An agent that opens fake sessions; `open` may wait or fail first. */
export function createFakeAgent(
  behaviour: FakeBehaviour & { open?(options: OpenOptions): void | Promise<void> } = {},
): Agent & { readonly opened: FakeAgentSession[] } {
  const opened: FakeAgentSession[] = [];
  return {
    ...createMockAgent(),
    defaultModel: null,
    opened,
    async open(options) {
      await behaviour.open?.(options);
      const session = new FakeAgentSession((outputs) => options.emit(outputs), behaviour);
      opened.push(session);
      return session;
    },
  };
}

const completed = { status: "completed" } as const;

/** A permission request of the fake agent. */
export function permission(id: string, memoryKey = id): AgentOutput {
  const metadata = { tool: "Bash", input: { command: "ls" } };
  return { type: "permission.requested", request: { id, action: "Bash", metadata, memoryKey } };
}

/** A question of the fake agent. */
export function question(id: string): AgentOutput {
  const options = [{ label: "Red" }, { label: "Blue" }];
  const questions = [{ question: "Which color?", multi_select: false, options }];
  return { type: "question.requested", request: { id, questions } };
}
