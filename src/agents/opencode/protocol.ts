import { z } from "zod";
import { isJsonObject } from "../json-line.ts";

// What `opencode serve` says, as observed of 1.18.33. Loose on purpose: only what is read is named.

const Tokens = z.looseObject({
  input: z.number().catch(0),
  output: z.number().catch(0),
  reasoning: z.number().catch(0),
  cache: z.looseObject({ read: z.number().catch(0), write: z.number().catch(0) }),
});

export const ErrorInfo = z.looseObject({
  name: z.string(),
  data: z
    .looseObject({
      message: z.string().nullish(),
      statusCode: z.number().nullish(),
      isRetryable: z.boolean().nullish(),
    })
    .nullish(),
});
export type ErrorInfo = z.infer<typeof ErrorInfo>;

export const MessageInfo = z.looseObject({
  id: z.string(),
  role: z.string(),
  parentID: z.string().nullish(),
  cost: z.number().catch(0),
  tokens: Tokens.nullish().catch(undefined),
  /** What the conversation was made smaller to. */
  summary: z
    .union([z.boolean(), z.looseObject({})])
    .nullish()
    .catch(undefined),
  finish: z.string().nullish(),
  error: ErrorInfo.nullish().catch(undefined),
  time: z.looseObject({ completed: z.number().nullish() }).nullish(),
});
export type MessageInfo = z.infer<typeof MessageInfo>;

const Time = z.looseObject({ end: z.number().nullish() }).nullish();

export const TextPart = z.looseObject({
  type: z.enum(["text", "reasoning"]),
  id: z.string(),
  messageID: z.string(),
  text: z.string(),
  time: Time,
});
export type TextPart = z.infer<typeof TextPart>;

const ToolState = z.looseObject({
  status: z.string(),
  input: z.custom<Record<string, unknown>>(isJsonObject).catch({}),
  output: z.string().nullish(),
  error: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  attachments: z.array(z.looseObject({ mime: z.string(), url: z.string() })).nullish(),
  time: z.looseObject({ start: z.number().nullish(), end: z.number().nullish() }).nullish(),
});
export const ToolPart = z.looseObject({
  type: z.literal("tool"),
  id: z.string(),
  messageID: z.string(),
  tool: z.string(),
  callID: z.string(),
  state: ToolState,
});
export type ToolPart = z.infer<typeof ToolPart>;

/** What every part has, also one that nobody knows yet. */
export const Part = z.looseObject({ type: z.string(), id: z.string(), messageID: z.string() });

export const PermissionAsked = z.looseObject({
  id: z.string(),
  permission: z.string(),
  patterns: z.array(z.string()).catch([]),
  metadata: z.custom<Record<string, unknown>>(isJsonObject).catch({}),
  tool: z.looseObject({ callID: z.string() }).nullish(),
});

export type PermissionAsked = z.infer<typeof PermissionAsked>;

/** Files of a patch, in the metadata of the permission for it. */
export const PatchedFiles = z.array(
  z.looseObject({ filePath: z.string(), movePath: z.string().nullish() }),
);

/** A reply that the server reports. */
export const PermissionReplied = z.looseObject({
  requestID: z.string(),
  reply: z.enum(["once", "always", "reject"]),
});

/** Answers that the server reports. */
export const QuestionReplied = z.looseObject({
  requestID: z.string(),
  answers: z.array(z.array(z.string())),
});

export const QuestionAsked = z.looseObject({
  id: z.string(),
  questions: z.array(
    z.looseObject({
      question: z.string(),
      header: z.string().nullish(),
      multiple: z.boolean().nullish(),
      custom: z.boolean().nullish(),
      options: z
        .array(z.looseObject({ label: z.string(), description: z.string().nullish() }))
        .catch([]),
    }),
  ),
});

/** The answer to `GET /permission` and `GET /question`: what all sessions of a directory wait for. */
export const OpenRequests = z.array(z.looseObject({ id: z.string(), sessionID: z.string() }));

/** The answer to `GET /session/:id/message`. */
export const StoredMessages = z.array(
  z.looseObject({ info: z.looseObject({ id: z.string() }), parts: z.array(z.looseObject({})) }),
);

export const TodoUpdate = z.looseObject({
  todos: z.array(
    z.looseObject({ content: z.string(), status: z.string(), priority: z.string().nullish() }),
  ),
});

export const SessionAnswer = z.looseObject({
  id: z.string(),
  slug: z.string().catch(""),
  time: z.looseObject({ created: z.number() }).nullish().catch(undefined),
});
export type SessionAnswer = z.infer<typeof SessionAnswer>;

/** The answer to `GET /config/providers`: who can be used, and each one's usual model. */
export const Providers = z.looseObject({
  providers: z.array(
    z.looseObject({
      id: z.string(),
      source: z.string().nullish(),
      models: z.record(
        z.string(),
        z.looseObject({
          name: z.string().nullish(),
          variants: z.record(z.string(), z.unknown()).nullish().catch(undefined),
        }),
      ),
    }),
  ),
  default: z.record(z.string(), z.string()).catch({}),
});
export type Providers = z.infer<typeof Providers>;
