import { RecentMap, sizeOfJson } from "../../io/recent-map.ts";
import { memoryKey } from "../memory-key.ts";

/** What the model has called, and what the file that it writes held before it did. */
export interface ToolCall {
  id: string;
  name: string;
  input: unknown;
  /** The text of the file before a `create_file`; null where there was none; undefined: not known. */
  before?: string | null;
}

/** The calls of a session that wait for their results. */
export class ToolCalls {
  readonly #open = new RecentMap<ToolCall>({ sizeOf: ({ input }) => sizeOfJson(input) });
  /** The calls that have asked to be allowed. */
  readonly #asked = new RecentMap<true>();

  add(call: ToolCall): void {
    this.#open.set(call.id, call);
  }

  /** The call that a result belongs to, which is then forgotten. */
  take(id: string): ToolCall | undefined {
    const call = this.#open.get(id);
    this.#open.delete(id);
    this.#asked.delete(id);
    return call;
  }

  /**
   * The call that asks with this input: the last one that has not asked yet. The server-loop CLI
   * does not tell its delegate program which call it asks about (0.0.1790142911), the older one does.
   */
  claim(name: string, input: unknown, id?: string): ToolCall | undefined {
    const key = memoryKey(name, input);
    const call =
      id === undefined
        ? [...this.#open.values()].findLast(
            (call) => !this.#asked.has(call.id) && memoryKey(call.name, call.input) === key,
          )
        : this.#open.get(id);
    if (call) this.#asked.set(call.id, true);
    return call;
  }

  clear(): void {
    this.#open.clear();
    this.#asked.clear();
  }
}
