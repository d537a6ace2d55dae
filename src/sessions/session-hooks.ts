import type { TurnEndedMetadata } from "../schema/event.ts";
import type { Redact } from "./redact-failure.ts";

/** What a session tells the daemon, and asks of it. */
export interface SessionHooks {
  redact: Redact;
  onTurnStarted: () => void;
  onTurnEnded: (metadata: TurnEndedMetadata) => void;
}
