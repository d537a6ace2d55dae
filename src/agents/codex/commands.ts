import type { AgentOutput } from "../agent.ts";
import { BoundedText } from "../../io/bounded-text.ts";
import { RecentMap } from "../../io/recent-map.ts";
import { bareResult, type Place, resultId, statusItem } from "./items.ts";
import type { ItemOf } from "./protocol.ts";

interface Running {
  command: string;
  /** Its output so far; undefined before the first piece. */
  output?: BoundedText;
}

/** Commands that run at once, each with the beginning of its output. */
const MAX_RUNNING = 200;
const MAX_OUTPUT = 64 * 1024;

/**
 * The commands of a thread that run. One that takes longer than the model wants to wait goes on in
 * the background, also when its turn has ended; its end is told as of that turn (0.169.0).
 */
export class Commands {
  readonly #place: Place;
  readonly #running = new RecentMap<Running>({ max: MAX_RUNNING });
  /** Those whose turn has ended: what they are, by the ids of their items. */
  readonly #background = new RecentMap<string>({ max: MAX_RUNNING });

  constructor(place: Place) {
    this.#place = place;
  }

  /** Those of the turn that have begun, or wait to be allowed to. */
  get running(): string[] {
    return [...this.#running.keys()];
  }

  /** Whether it has outlived its turn. */
  isBackground(itemId: unknown): boolean {
    return typeof itemId === "string" && this.#background.has(itemId);
  }

  began({ id, command }: ItemOf<"commandExecution">): void {
    this.#running.set(id, { command });
  }

  /** What a command says: it lacks its beginning, the complete result has all (0.169.0). */
  said(itemId: string, delta: string): AgentOutput[] {
    // What is said in the background is told when the command ends.
    if (this.isBackground(itemId)) return [];
    const running = this.#running.get(itemId) ?? { command: "" };
    this.#running.set(itemId, running);
    const begun: AgentOutput[] =
      running.output === undefined
        ? [{ type: "item.started", item: bareResult(itemId, "", "in_progress", this.#place) }]
        : [];
    running.output ??= new BoundedText(MAX_OUTPUT);
    running.output.add(delta);
    return [...begun, { type: "item.delta", nativeId: resultId(itemId), delta }];
  }

  /** The end of a command whose turn has ended, as a notice; undefined for any other: it is a result. */
  ended(item: ItemOf<"commandExecution">): AgentOutput[] | undefined {
    this.#running.delete(item.id);
    if (!this.#background.delete(item.id)) return undefined;
    const { id, command, status, exitCode, aggregatedOutput } = item;
    const how = exitCode == null ? status : `${status} with exit code ${exitCode}`;
    const data = { call_id: id, command, status, exitCode, output: aggregatedOutput ?? "" };
    return [this.#notice(`in the background: ${how}: ${command}`, data)];
  }

  /** The turn has ended, and not with all that it had begun: what goes on does so in the background. */
  turnEnded(): AgentOutput[] {
    const left = [...this.#running.entries()];
    this.#running.clear();
    return left.flatMap(([id, { command, output }]): AgentOutput[] => {
      this.#background.set(id, command);
      const data = { call_id: id, command, status: "inProgress" };
      const item = bareResult(id, output?.toString() ?? "", "completed", this.#place);
      return [
        { type: "item.completed", item, synthetic: true },
        { ...this.#notice(`runs in the background: ${command}`, data), synthetic: true },
      ];
    });
  }

  /** A command has been stopped, or will never be heard of again; gives what it has said. */
  stopped(id: string): string {
    const output = this.#running.get(id)?.output;
    this.#running.delete(id);
    return output?.toString() ?? "";
  }

  /** The server has gone, and all commands with it. */
  lost(): AgentOutput[] {
    const left = [...this.#background.entries()];
    this.#background.clear();
    return left.map(([id, command]): AgentOutput => {
      const data = { call_id: id, command, status: "failed" };
      return { ...this.#notice(`ended with the server: ${command}`, data), synthetic: true };
    });
  }

  #notice(detail: string, data: unknown): AgentOutput {
    return { type: "item.completed", item: statusItem("task", detail, data, this.#place) };
  }
}
