import { isRecord } from "../json-line.ts";

/** What the server says of one session. */
export interface ServerEvent {
  type: string;
  properties: Record<string, unknown>;
  sessionId: string;
  raw: string;
}

/** Cuts a stream of server-sent events into the ones that concern a session. */
export class EventReader {
  /** Nothing has come yet. */
  isNew = true;
  #rest = "";
  readonly #decoder = new TextDecoder();

  /** The events that are complete with this chunk. */
  push(chunk: Uint8Array): ServerEvent[] {
    this.isNew = false;
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    const frames = this.#rest.split("\n\n");
    this.#rest = frames.pop() ?? "";
    return frames.flatMap((frame) => {
      const data = frame
        .split("\n")
        .flatMap((line) => (line.startsWith("data:") ? [line.slice("data:".length).trim()] : []))
        .join("\n");
      return data === "" ? [] : toEvent(data);
    });
  }
}

/** Whether the event says that the server has begun to work on a message. */
export function isWork({ type, properties }: ServerEvent): boolean {
  const { status } = properties;
  const busy = isRecord(status) && status["type"] !== "idle";
  return type === "session.error" || (type === "session.status" && busy);
}

function toEvent(data: string): ServerEvent[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch {
    return [];
  }
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
