import type { AgentOutput } from "../agent.ts";
import { type Line, LineSplitter } from "../../io/lines.ts";
import { isRecord, parseJsonLine } from "../json-line.ts";

/** What the server says of one session. */
export interface ServerEvent {
  type: string;
  properties: Record<string, unknown>;
  sessionId: string;
  raw: string;
}

/** The longest event that is read. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Cuts a stream of server-sent events into the ones that concern a session. */
export class EventReader {
  /** Nothing has come yet. */
  isNew = true;
  readonly #splitter = new LineSplitter({ limitBytes: MAX_BYTES });
  readonly #unparsed: (output: AgentOutput, event?: ServerEvent) => void;

  /** `unparsed` receives each event that cannot be handled, with as much of it as could be read. */
  constructor(unparsed: (output: AgentOutput, event?: ServerEvent) => void = () => undefined) {
    this.#unparsed = unparsed;
  }

  /** The events that are complete with this chunk. */
  push({ buffer, byteOffset, length }: Uint8Array): ServerEvent[] {
    this.isNew = false;
    const lines = this.#splitter.push(Buffer.from(buffer, byteOffset, length));
    return lines.flatMap((line) => this.#read(line));
  }

  /** The event that a line holds: OpenCode never writes one in several lines (1.18.33). */
  #read(line: Line): ServerEvent[] {
    const data = dataOf(line);
    const parsed = data === undefined ? undefined : parseJsonLine(data, "opencode");
    if (!parsed) return [];
    if ("value" in parsed) return toEvent(parsed.value);
    this.#unparsed(parsed.unparsed, ...toEvent(parsed.outline));
    return [];
  }
}

/** Whether the event says that the server has begun to work on a message. */
export function isWork({ type, properties }: ServerEvent): boolean {
  const { status } = properties;
  const busy = isRecord(status) && status["type"] !== "idle";
  return type === "session.error" || (type === "session.status" && busy);
}

/** What a line says after its field's name; undefined for a comment or another field. */
function dataOf(line: Line): Line | undefined {
  const text = typeof line === "string" ? line : line.kind === "overlong" ? line.head : line.text;
  if (!text.startsWith("data:")) return undefined;
  const rest = text.slice("data:".length).trim();
  if (typeof line === "string") return rest;
  return line.kind === "overlong" ? { ...line, head: rest } : { ...line, text: rest };
}

function toEvent(parsed: unknown): ServerEvent[] {
  const payload = isRecord(parsed) ? parsed["payload"] : undefined;
  if (!isRecord(payload)) return [];
  const { type, properties } = payload;
  // Durable events come a second time, as `sync`.
  if (typeof type !== "string" || type === "sync" || !isRecord(properties)) return [];
  const sessionId = sessionOf(properties);
  const raw = JSON.stringify(payload);
  return sessionId === undefined ? [] : [{ type, properties, sessionId, raw }];
}

function sessionOf(properties: Record<string, unknown>): string | undefined {
  const { sessionID, info, part } = properties;
  const found = [
    sessionID,
    isRecord(part) ? part["sessionID"] : undefined,
    isRecord(info) ? (info["sessionID"] ?? info["id"]) : undefined,
  ];
  return found.find((id): id is string => typeof id === "string");
}
