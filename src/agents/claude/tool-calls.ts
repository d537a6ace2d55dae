import { RecentMap, sizeOfJson } from "../../io/recent-map.ts";
import type { AssistantBlock } from "./protocol.ts";

/** What the model has called. */
export interface ToolCall {
  name: string;
  input: unknown;
}

/** The calls of a session that wait for their results. */
export class ToolCalls {
  readonly #open = new RecentMap<ToolCall>({ sizeOf: ({ input }) => sizeOfJson(input) });

  /** Keeps a block that is a call, which is returned. */
  add(block: AssistantBlock): ToolCall | undefined {
    const { type, id, name, input } = block as Record<string, unknown>;
    if (type !== "tool_use" || typeof id !== "string" || typeof name !== "string") {
      return undefined;
    }
    const call = { name, input };
    this.#open.set(id, call);
    return call;
  }

  /** The call that a result belongs to, which is then forgotten. */
  take(id: string): ToolCall | undefined {
    const call = this.#open.get(id);
    this.#open.delete(id);
    return call;
  }

  clear(): void {
    this.#open.clear();
  }
}
