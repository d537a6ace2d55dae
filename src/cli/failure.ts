import { messageOf } from "./message-of.ts";
import { printable } from "./render/printable.ts";

/** Tells a person in one line on stderr that a command failed, and why. */
export function reportFailure(error: unknown): void {
  process.stderr.write(`sandbox-agent: ${printable(messageOf(error))}\n`);
}
