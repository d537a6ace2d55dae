import type { Line } from "../../io/lines.ts";
import { isRecord, parseJsonLine, type ParsedLine } from "../json-line.ts";

/** Names the agent in `agent.unparsed`. */
export const LOCATION = "claude";

/** Reads one line of the CLI; undefined for an empty one. */
export function parseLine(line: Line): ParsedLine | undefined {
  return parseJsonLine(line, LOCATION);
}

/** The type of a line; what is no object with one has none. */
export function typeOf(line: unknown): unknown {
  return isRecord(line) ? line["type"] : undefined;
}
