import type { AgentOutput } from "./agent.ts";
import { garbage, LARGE_MESSAGE } from "../io/garbage.ts";
import { outlineOf, parseBounded, TooDeep } from "../io/bounded-json.ts";
import type { Line } from "../io/lines.ts";

/** An `agent.unparsed` event, and as much of the message as could be read. */
export interface Unparsed {
  unparsed: AgentOutput;
  outline?: unknown;
}

/** A printed line as JSON with its text, or the event for a line that cannot be handled. */
export type ParsedLine = { value: unknown; raw: string } | Unparsed;

/** The first character of a JSON text. The error of `JSON.parse` costs more than the rest of an event. */
const JSON_START = /^\s*[[{"\-0-9tfn]/;

/** Parses one line of an agent; `undefined` for an empty one. `location` names the agent. */
export function parseJsonLine(line: Line, location: string): ParsedLine | undefined {
  if (typeof line === "object" && line.kind === "overlong") {
    const error = `a line of ${line.bytes} bytes is longer than the limit and was dropped`;
    return { unparsed: unparsed(error, location, line.head), outline: outlineOf(line.head) };
  }
  const text = typeof line === "string" ? line : line.text;
  if (text.trim() === "") return undefined;
  if (!JSON_START.test(text)) return { unparsed: unparsed("the line is not JSON", location, text) };
  try {
    const value = parseBounded(text);
    // A carriage return is white space to JSON and the end of a line to the readers of our streams.
    return { value, raw: text.includes("\r") ? JSON.stringify(value) : text };
  } catch (cause) {
    if (!(cause instanceof TooDeep)) {
      return { unparsed: unparsed("the line is not JSON", location, text) };
    }
    const { message, outline } = cause;
    return { unparsed: unparsed(message, location, text), outline };
  }
}

/** Translates the messages of one agent. */
export interface MessageReader {
  /** Names the agent. */
  location: string;
  /** The events that a message means. An exception makes the message an unparsed one. */
  take(value: unknown, raw: string): AgentOutput[];
  /** The events for a message that cannot be handled. */
  passOver(message: Unparsed): AgentOutput[];
}

/**
 * Translates lines of an agent, each for itself. A line that cannot be parsed or translated does not
 * affect the lines after it. Never throws.
 */
export function readLines(lines: readonly Line[], reader: MessageReader): AgentOutput[] {
  const outputs: AgentOutput[] = [];
  for (const line of lines) {
    if (typeof line === "string" && line.length >= LARGE_MESSAGE) garbage.passed(line.length);
    const parsed = parseJsonLine(line, reader.location);
    if (!parsed) continue;
    // Not spread: a message may mean more events than a call takes arguments.
    for (const output of outputsOf(parsed, reader)) outputs.push(output);
  }
  return outputs;
}

function outputsOf(parsed: ParsedLine, reader: MessageReader): AgentOutput[] {
  if ("unparsed" in parsed) return passOver(parsed, reader);
  const { value, raw } = parsed;
  try {
    return reader.take(value, raw);
  } catch (cause) {
    return passOver({ unparsed: unhandled(cause, reader.location, raw), outline: value }, reader);
  }
}

function passOver(message: Unparsed, reader: MessageReader): AgentOutput[] {
  try {
    return reader.passOver(message);
  } catch {
    return [message.unparsed];
  }
}

/** The event for a message whose translation has thrown. */
export function unhandled(cause: unknown, location: string, raw?: string): AgentOutput {
  const why = cause instanceof Error ? cause.message : "unknown error";
  const error = `the message could not be handled: ${why}`;
  return { type: "unparsed", error, location, ...(raw !== undefined && { raw }) };
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
