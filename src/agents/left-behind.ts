import { sep } from "node:path";
import type { LeftBehind } from "../io/left-behind.ts";
import type { AgentOutput } from "./agent.ts";

/** Processes that the notice names; the data of the item holds no more of them either. */
const MAX_NAMED = 10;
const MAX_CHARACTERS = 200;

/** Reports background processes that the daemon has ended; nothing if there were none. */
export function leftBehindNotice(ended: readonly LeftBehind[]): AgentOutput[] {
  if (ended.length === 0) return [];
  const processes = ended.slice(0, MAX_NAMED).map(({ pid, command }) => ({
    pid,
    command: command.slice(0, MAX_CHARACTERS),
  }));
  const names = processes.map(({ pid, command }) => `${command || "a process"} (pid ${pid})`);
  const more = ended.length > MAX_NAMED ? ` and ${ended.length - MAX_NAMED} more` : "";
  const detail = `Ended what still ran in the background: ${names.join(", ")}${more}`;
  return [
    {
      type: "item.completed",
      item: {
        nativeId: null,
        kind: "status",
        role: "system",
        content: [{ type: "status", label: "warning", detail, data: { processes } }],
        status: "completed",
      },
      synthetic: true,
    },
  ];
}

/** Selects the processes that work in a directory or below it. */
export function worksIn(directory: string): (process: LeftBehind) => boolean {
  const below = directory.endsWith(sep) ? directory : `${directory}${sep}`;
  return ({ directory: place }) =>
    place !== undefined && (place === directory || place.startsWith(below));
}
