import type { Logger } from "pino";
import { leave } from "./leave.ts";

/**
 * Ends the daemon after an error that no code has handled: logs it, ends all work and exits with
 * code 1. Without it Node 24 would leave the agents behind, and Bun 1.4 would print the error and
 * continue in an unknown state. `abandon` ends the work in bounded time.
 */
export function endOnUnhandledErrors(logger: Logger, abandon: () => Promise<void>): void {
  let isEnding = false;
  const end = async (error: unknown): Promise<void> => {
    // An error of the end itself must not begin another one.
    if (isEnding) return;
    isEnding = true;
    try {
      logger.fatal({ err: toError(error) }, "unhandled error: the daemon exits");
    } catch {
      // The error may be that nothing can be logged.
    }
    try {
      await abandon();
    } finally {
      await leave(1);
    }
  };
  process.on("uncaughtException", (error) => void end(error));
  process.on("unhandledRejection", (reason) => void end(reason));
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error("a value that is not an error was thrown");
}
