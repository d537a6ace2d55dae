import { z } from "zod";

const Block = z.looseObject({ type: z.string() });

/** The first line after the first message of a process. */
export const InitLine = z.looseObject({
  type: z.literal("system"),
  subtype: z.literal("init"),
  // The id becomes an argument of the next process, which takes nothing else for a thread.
  session_id: z.string().regex(/^T-[\w-]{1,128}$/),
});

/** Token counts of one answer of the model. */
export const AmpUsage = z.looseObject({
  input_tokens: z.int(),
  output_tokens: z.int(),
  cache_creation_input_tokens: z.int().nullish(),
  cache_read_input_tokens: z.int().nullish(),
});
export type AmpUsage = z.infer<typeof AmpUsage>;

/** A whole answer of the model; it has no id. */
export const AssistantLine = z.looseObject({
  type: z.literal("assistant"),
  message: z.looseObject({
    content: z.array(Block),
    stop_reason: z.string().nullish(),
    usage: AmpUsage.nullish(),
  }),
});
export type AssistantLine = z.infer<typeof AssistantLine>;

/** The user's message as the CLI has understood it, or results of tools. */
export const UserLine = z.looseObject({
  type: z.literal("user"),
  message: z.looseObject({ content: z.array(Block) }),
});
export type UserLine = z.infer<typeof UserLine>;

/** The last line of a process: its input has ended, or something went wrong. */
export const ResultLine = z.looseObject({
  type: z.literal("result"),
  subtype: z.string(),
  is_error: z.boolean(),
  error: z.string().nullish(),
});
export type ResultLine = z.infer<typeof ResultLine>;

export const TextBlock = z.looseObject({ type: z.literal("text"), text: z.string() });
export const ThinkingBlock = z.looseObject({ type: z.literal("thinking"), thinking: z.string() });
export const RedactedBlock = z.looseObject({ type: z.literal("redacted_thinking") });
export const ToolUseBlock = z.looseObject({
  type: z.literal("tool_use"),
  id: z.string(),
  name: z.string(),
  input: z.unknown(),
});
export const ToolResultBlock = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(Block)]).nullish(),
  is_error: z.boolean().nullish(),
});
export type ToolResultBlock = z.infer<typeof ToolResultBlock>;
