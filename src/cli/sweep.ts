import type { Logger } from "pino";
import { sweepOrphans } from "../io/owner.ts";

/** Ends what daemons that were killed have left running. */
export async function sweep(logger: Logger): Promise<void> {
  const swept = await sweepOrphans();
  if (swept.length > 0) logger.warn({ pids: swept }, "ended processes that a dead daemon left");
}
