import type { TurnEndedMetadata } from "../schema/event.ts";
import type { QueueBudget } from "./queue-budget.ts";
import type { Redact } from "./redact-failure.ts";

/** What a session tells the daemon, and asks of it. */
export interface SessionHooks {
  redact: Redact;
  /** The group of the user that the agent runs as; undefined when that is the daemon's own user. */
  childGroup?: number | undefined;
  /** The memory that the queues of all sessions share. */
  queues: QueueBudget;
  onTurnStarted: () => void;
  onTurnEnded: (metadata: TurnEndedMetadata) => void;
}
