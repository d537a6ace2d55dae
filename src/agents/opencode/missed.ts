import type { ServerEvent } from "./events.ts";
import type { OpencodeHttp } from "./http.ts";
import { shown } from "../foreign.ts";
import { isRecord } from "../json-line.ts";
import { OpenRequests, StoredMessages } from "./protocol.ts";
import type { Translator } from "./translate.ts";

/** What the server knows of a session, as the events that would have told it. */
export interface Missed {
  /** Whether the server works in it. */
  busy: boolean;
  /** Its messages and their parts, oldest first. */
  messages: ServerEvent[];
  /** What it waits for. */
  requests: ServerEvent[];
}

/** Asks what may have been said while nobody heard it. What has ended before the question is told whole. */
export async function askMissed(
  http: OpencodeHttp,
  directory: string,
  { id: sessionId, translator }: { id: string; translator: Translator },
): Promise<Missed> {
  const ask = (path: string) => http.request("GET", path, { directory });
  // First: whoever is at rest by then has nothing to add to its messages.
  const status = await ask("/session/status");
  const [stored, permissions, questions] = await Promise.all([
    ask(`/session/${sessionId}/message`),
    ask("/permission"),
    ask("/question"),
  ]);
  const requests = [
    ...requestsOf(permissions, "permission.asked", sessionId),
    ...requestsOf(questions, "question.asked", sessionId),
  ];
  const all = StoredMessages.parse(stored);
  // Those of turns that are over have been told, or will never be.
  const past = all.findLastIndex(({ info }) => translator.isPast(info.id));
  const messages = all
    .slice(past + 1)
    .flatMap(({ info, parts }) => [
      toEvent("message.updated", { sessionID: sessionId, info }),
      ...parts.map((part) => toEvent("message.part.updated", { sessionID: sessionId, part })),
    ]);
  const busy = isRecord(status) && sessionId in status;
  return { busy, messages, requests };
}

function requestsOf(answer: unknown, type: string, sessionId: string): ServerEvent[] {
  return OpenRequests.parse(answer)
    .filter(({ sessionID }) => sessionID === sessionId)
    .map((request) => toEvent(type, request));
}

function toEvent(type: string, properties: Record<string, unknown>): ServerEvent {
  const { sessionID } = properties;
  return {
    type,
    properties,
    sessionId: shown(sessionID),
    raw: JSON.stringify({ type, properties }),
  };
}
