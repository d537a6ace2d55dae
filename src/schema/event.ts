import { z } from "zod";
import { UniversalItem } from "./item.ts";
import { PermissionEventData } from "./permission.ts";
import { QuestionEventData } from "./question.ts";
import { Usage } from "./usage.ts";

export const EventSource = z.enum(["agent", "daemon"]).meta({ id: "EventSource" });
export type EventSource = z.infer<typeof EventSource>;

export const SessionStartedData = z
  .object({ metadata: z.unknown() })
  .meta({ id: "SessionStartedData" });
export type SessionStartedData = z.infer<typeof SessionStartedData>;

export const SessionEndReason = z
  .enum(["completed", "error", "terminated"])
  .meta({ id: "SessionEndReason" });
export type SessionEndReason = z.infer<typeof SessionEndReason>;

export const TerminatedBy = z.enum(["agent", "daemon"]).meta({ id: "TerminatedBy" });
export type TerminatedBy = z.infer<typeof TerminatedBy>;

/** Beginning and end of what a process wrote to stderr. */
export const StderrOutput = z
  .object({
    head: z.string().optional(),
    tail: z.string().optional(),
    truncated: z.boolean(),
    total_lines: z.int().optional(),
  })
  .meta({ id: "StderrOutput" });
export type StderrOutput = z.infer<typeof StderrOutput>;

export const SessionEndedData = z
  .object({
    reason: SessionEndReason,
    terminated_by: TerminatedBy,
    message: z.string().optional(),
    exit_code: z.int().optional(),
    stderr: StderrOutput.optional(),
  })
  .meta({ id: "SessionEndedData" });
export type SessionEndedData = z.infer<typeof SessionEndedData>;

export const TurnStatus = z.enum(["completed", "failed", "interrupted"]).meta({ id: "TurnStatus" });
export type TurnStatus = z.infer<typeof TurnStatus>;

export const TurnStartedMetadata = z
  .object({ origin: z.enum(["user", "agent"]), native_turn_id: z.string().optional() })
  .meta({ id: "TurnStartedMetadata" });
export type TurnStartedMetadata = z.infer<typeof TurnStartedMetadata>;

export const TurnEndedMetadata = z
  .object({
    status: TurnStatus,
    error: z.object({ code: z.string(), message: z.string() }).optional(),
    stop_reason: z
      .string()
      .optional()
      .meta({ description: "`end_turn`, `max_tokens`, `refusal`, … as the agent says." }),
    usage: Usage.optional(),
    duration_ms: z.number(),
    native_turn_id: z.string().optional(),
  })
  .meta({ id: "TurnEndedMetadata" });
export type TurnEndedMetadata = z.infer<typeof TurnEndedMetadata>;

export const TurnStartedData = z
  .object({
    phase: z.literal("started"),
    turn_id: z.string().meta({ description: "`turn_<n>`, unique within the session." }),
    metadata: TurnStartedMetadata,
  })
  .meta({ id: "TurnStartedData" });
export type TurnStartedData = z.infer<typeof TurnStartedData>;

export const TurnEndedData = z
  .object({ phase: z.literal("ended"), turn_id: z.string(), metadata: TurnEndedMetadata })
  .meta({ id: "TurnEndedData" });
export type TurnEndedData = z.infer<typeof TurnEndedData>;

export const ItemEventData = z.object({ item: UniversalItem }).meta({ id: "ItemEventData" });
export type ItemEventData = z.infer<typeof ItemEventData>;

export const ItemDeltaData = z
  .object({ item_id: z.string(), native_item_id: z.string().nullable(), delta: z.string() })
  .meta({ id: "ItemDeltaData" });
export type ItemDeltaData = z.infer<typeof ItemDeltaData>;

export const ErrorData = z
  .object({
    message: z.string(),
    code: z.string().nullable().meta({
      description:
        "`auth`, `rate_limit`, `overloaded`, `context_window`, `api`, `network`, `process_start`, `process_exit`, `protocol`, `internal`.",
    }),
    details: z.unknown(),
  })
  .meta({ id: "ErrorData" });
export type ErrorData = z.infer<typeof ErrorData>;

export const AgentUnparsedData = z
  .object({ error: z.string(), location: z.string(), raw_hash: z.string().nullable() })
  .meta({ id: "AgentUnparsedData", description: "What an agent said and nobody could parse." });
export type AgentUnparsedData = z.infer<typeof AgentUnparsedData>;

/** The payload of each event type. */
const payloads = {
  "session.started": SessionStartedData,
  "session.ended": SessionEndedData,
  "turn.started": TurnStartedData,
  "turn.ended": TurnEndedData,
  "item.started": ItemEventData,
  "item.delta": ItemDeltaData,
  "item.completed": ItemEventData,
  error: ErrorData,
  "permission.requested": PermissionEventData,
  "permission.resolved": PermissionEventData,
  "question.requested": QuestionEventData,
  "question.resolved": QuestionEventData,
  "agent.unparsed": AgentUnparsedData,
} as const;

export type UniversalEventType = keyof typeof payloads;

const eventTypes = [
  "session.started",
  "session.ended",
  "turn.started",
  "turn.ended",
  "item.started",
  "item.delta",
  "item.completed",
  "error",
  "permission.requested",
  "permission.resolved",
  "question.requested",
  "question.resolved",
  "agent.unparsed",
] as const satisfies UniversalEventType[];

export const UniversalEventType = z.enum(eventTypes).meta({ id: "UniversalEventType" });

const envelope = {
  event_id: z.string().meta({ description: "`evt_<sequence>`, unique within the session." }),
  sequence: z.int().meta({ description: "1, 2, 3, … within the session, without gaps." }),
  time: z.string().meta({ description: "RFC 3339, UTC." }),
  session_id: z.string(),
  native_session_id: z.string().nullable(),
  synthetic: z
    .boolean()
    .meta({ description: "True where the daemon made the event, not the agent." }),
  source: EventSource,
};

function eventOf<T extends UniversalEventType>(type: T) {
  return z.object({
    ...envelope,
    type: z.literal(type),
    data: payloads[type],
    raw: z
      .unknown()
      .meta({ description: "The agent's own message with `include_raw`, else null." }),
  });
}

/** One event of a session's log; `type` tells the shape of `data`. */
export const UniversalEvent = z
  .discriminatedUnion("type", [
    eventOf("session.started"),
    eventOf("session.ended"),
    eventOf("turn.started"),
    eventOf("turn.ended"),
    eventOf("item.started"),
    eventOf("item.delta"),
    eventOf("item.completed"),
    eventOf("error"),
    eventOf("permission.requested"),
    eventOf("permission.resolved"),
    eventOf("question.requested"),
    eventOf("question.resolved"),
    eventOf("agent.unparsed"),
  ])
  .meta({ id: "UniversalEvent", description: "One event of a session's log." });
export type UniversalEvent = z.infer<typeof UniversalEvent>;

/** The payload of an event of any type. */
export type UniversalEventData = UniversalEvent["data"];

/** An event without its envelope: its type and payload. */
export type EventBody = {
  [T in UniversalEventType]: { type: T; data: z.infer<(typeof payloads)[T]> };
}[UniversalEventType];

export const EventsResponse = z
  .object({ events: z.array(UniversalEvent), hasMore: z.boolean() })
  .meta({ id: "EventsResponse" });
export type EventsResponse = z.infer<typeof EventsResponse>;
