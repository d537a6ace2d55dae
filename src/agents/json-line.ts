import type { AgentOutput } from "./agent.ts";
import type { Line } from "../io/lines.ts";

/** A printed line as JSON with its text, or the event that says why it is none. */
export type ParsedLine = { value: unknown; raw: string } | { unparsed: AgentOutput };

/** Reads one line that an agent has printed; undefined for an empty one. `location` names the agent. */
export function parseJsonLine(line: Line, location: string): ParsedLine | undefined {
  if (typeof line === "object" && line.kind === "overlong") {
    const error = `a line of ${line.bytes} bytes is longer than the limit and was dropped`;
    return { unparsed: unparsed(error, location, line.head) };
  }
  const text = typeof line === "string" ? line : line.text;
  if (text.trim() === "") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    // A carriage return is white space to JSON and the end of a line to the readers of our streams.
    return { value, raw: text.includes("\r") ? JSON.stringify(value) : text };
  } catch {
    return { unparsed: unparsed("the line is not JSON", location, text) };
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** An object of JSON, kept as it is: a copy by a schema would lose a member named `__proto__`. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && !Array.isArray(value);
}

function unparsed(error: string, location: string, text: string): AgentOutput {
  return { type: "unparsed", error, location, raw: JSON.stringify(text) };
}
