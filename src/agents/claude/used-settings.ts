import type { AgentItem } from "../agent.ts";
import { statusItem } from "./notices.ts";
import type { SystemLine } from "./protocol.ts";

/** The model and the permission mode that the CLI says it works with. */
export class UsedSettings {
  #model: string | undefined;
  #permissionMode: string | undefined;

  /** The CLI's own word for the mode; undefined before it has told. */
  get permissionMode(): string | undefined {
    return this.#permissionMode;
  }

  /** Reads a system line; a notice of each change. */
  take(line: SystemLine): AgentItem[] {
    const items: AgentItem[] = [];
    const mode = line.permissionMode ?? this.#permissionMode;
    const model = (line.subtype === "init" ? line.model : undefined) ?? this.#model;
    if (mode !== undefined && this.#permissionMode !== undefined && mode !== this.#permissionMode) {
      items.push(statusItem("mode", mode, line));
    }
    if (model !== undefined && this.#model !== undefined && model !== this.#model) {
      items.push(statusItem("model", model, { from: this.#model, to: model }));
    }
    this.#permissionMode = mode;
    this.#model = model;
    return items;
  }
}
