import type { Line } from "../../io/lines.ts";
import { isRecord, parseJsonLine, type ParsedLine } from "../json-line.ts";

/** Reads one line of the CLI; undefined for an empty one. */
export function parseLine(line: Line): ParsedLine | undefined {
  return parseJsonLine(line, "claude");
}

/** The type of a line; what is no object with one has none. */
export function typeOf(line: unknown): unknown {
  return isRecord(line) ? line["type"] : undefined;
}
