import { IDLE_MS } from "../contract/processes.ts";
import type { Surroundings } from "../contract/scenario.ts";

/** The daemon's arguments in certain surroundings. */
export function argumentsIn(surroundings: Surroundings): string[] {
  return surroundings === "idle" ? ["--agent-idle", `${IDLE_MS}ms`] : [];
}
