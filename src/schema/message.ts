import { z } from "zod";

export const MessageAttachment = z
  .object({
    path: z.string().max(16_384).nullish(),
    data: z.string().nullish().meta({ description: "Base64, with `mime`, instead of `path`." }),
    mime: z.string().max(1024).nullish(),
    filename: z.string().max(1024).nullish(),
  })
  .meta({
    id: "MessageAttachment",
    description: "A file for the agent: `path`, or `data` with `mime`.",
  });
export type MessageAttachment = z.infer<typeof MessageAttachment>;

export const MessageRequest = z
  .object({ message: z.string(), attachments: z.array(MessageAttachment).max(100).nullish() })
  .meta({ id: "MessageRequest" });
export type MessageRequest = z.infer<typeof MessageRequest>;

const flag = z.enum(["true", "false"]);

/** Query of the turn stream. */
export const TurnStreamQuery = z
  .object({ include_raw: flag.optional(), includeRaw: flag.optional() })
  .meta({ id: "TurnStreamQuery" });
export type TurnStreamQuery = z.infer<typeof TurnStreamQuery>;

const count = z.string().regex(/^[0-9]{1,15}$/, "must be a whole number from 0");

/** Query of both event routes: events after `offset`, at most `limit`. */
export const EventsQuery = z
  .object({
    offset: count.optional(),
    limit: count.optional(),
    include_raw: flag.optional(),
    includeRaw: flag.optional(),
  })
  .meta({ id: "EventsQuery" });
export type EventsQuery = z.infer<typeof EventsQuery>;
