import { messageOf } from "./message-of.ts";

/** Tells a person in one line on stderr that a command failed, and why. */
export function reportFailure(error: unknown): void {
  process.stderr.write(`sandbox-agent: ${messageOf(error)}\n`);
}
