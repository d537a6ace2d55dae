import { withoutEscapes } from "../../io/shown-text.ts";

/** What a command has printed, as text: of a line that was written over, its last form. */
export function plainOutput(text: string): string {
  return withoutEscapes(text)
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1))
    .join("\n");
}
