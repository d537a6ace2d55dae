import { messageOf } from "./message-of.ts";
import { printableOutput } from "./render/printable.ts";

/** Prints on stderr that a command failed, and why. */
export function reportFailure(error: unknown): void {
  process.stderr.write(`sandbox-agent: ${printableOutput(messageOf(error))}\n`);
}
