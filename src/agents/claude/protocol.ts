import { z } from "zod";
import { isJsonObject } from "../json-line.ts";

// Output of Claude Code 2.1.332 with `--output-format stream-json`. The schemas are loose: they name only
// the members that are read.

const Block = z.looseObject({ type: z.string() });

const TextBlock = z.looseObject({ type: z.literal("text"), text: z.string() });
const ThinkingBlock = z.looseObject({ type: z.literal("thinking"), thinking: z.string() });
const ToolUseBlock = z.looseObject({
  type: z.literal("tool_use"),
  id: z.string(),
  name: z.string(),
  input: z.unknown().optional(),
});
export const ToolResultBlock = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(Block)]).optional(),
  is_error: z.boolean().optional(),
});
export type ToolResultBlock = z.infer<typeof ToolResultBlock>;

/** A content block of an assistant's message. */
export const AssistantBlock = z.union([TextBlock, ThinkingBlock, ToolUseBlock, Block]);
export type AssistantBlock = z.infer<typeof AssistantBlock>;

/** Said inside a subagent, where the two ids are there. */
const subagentFields = {
  parent_tool_use_id: z.string().nullish(),
  agent_id: z.string().nullish(),
  subagent_type: z.string().nullish(),
};

/** One line for each content block, with the message's id. */
export const AssistantLine = z.looseObject({
  type: z.literal("assistant"),
  message: z.looseObject({ id: z.string(), model: z.string().nullish(), content: z.array(Block) }),
  error: z.string().nullish(),
  is_api_error_message: z.boolean().nullish(),
  api_error_status: z.number().nullish(),
  /** Which part of the name of an MCP tool is the tool's own. */
  tool_use_meta: z
    .array(z.looseObject({ id: z.string(), tool_name: z.string().optional() }))
    .nullish()
    .catch(undefined),
  ...subagentFields,
});
export type AssistantLine = z.infer<typeof AssistantLine>;

/** Tool results, and notices that the CLI puts into the user's mouth. */
export const UserLine = z.looseObject({
  type: z.literal("user"),
  message: z.looseObject({ content: z.union([z.string(), z.array(Block)]) }),
  isReplay: z.boolean().nullish(),
  tool_use_result: z.unknown().optional(),
  ...subagentFields,
});
export type UserLine = z.infer<typeof UserLine>;

/** A piece of the model's own stream. */
export const StreamLine = z.looseObject({
  type: z.literal("stream_event"),
  event: z.looseObject({
    type: z.string(),
    index: z.number().optional(),
    message: z.looseObject({ id: z.string() }).optional(),
    content_block: Block.optional(),
    delta: z.looseObject({ stop_reason: z.string().nullish() }).optional(),
  }),
  parent_tool_use_id: z.string().nullish(),
  /** On `message_stop`: a retry follows, the blocks from this index on will never be completed. */
  abandoned_blocks: z
    .looseObject({ api_message_id: z.string(), from_block_index: z.number() })
    .nullish(),
});
export type StreamLine = z.infer<typeof StreamLine>;

export const SystemLine = z.looseObject({
  type: z.literal("system"),
  subtype: z.string(),
  session_id: z.string().nullish(),
  status: z.string().nullish(),
  permissionMode: z.string().nullish(),
  model: z.string().nullish(),
});
export type SystemLine = z.infer<typeof SystemLine>;

/** What became of a user message that was sent with a `uuid`. */
export const LifecycleLine = z.looseObject({
  type: z.literal("command_lifecycle"),
  command_uuid: z.string(),
  state: z.string(),
});
export type LifecycleLine = z.infer<typeof LifecycleLine>;

const ModelUsage = z.record(
  z.string(),
  z.looseObject({
    inputTokens: z.number().catch(0),
    outputTokens: z.number().catch(0),
    cacheReadInputTokens: z.number().catch(0),
    cacheCreationInputTokens: z.number().catch(0),
    thinkingTokens: z.number().optional().catch(undefined),
    costUSD: z.number().catch(0),
    contextWindow: z.number().optional().catch(undefined),
  }),
);
export type ModelUsage = z.infer<typeof ModelUsage>;

/** The end of a turn. */
export const ResultLine = z.looseObject({
  type: z.literal("result"),
  subtype: z.string(),
  is_error: z.boolean(),
  result: z.string().nullish(),
  errors: z.array(z.string()).nullish(),
  stop_reason: z.string().nullish(),
  terminal_reason: z.string().nullish(),
  api_error_status: z.number().nullish(),
  api_error: z.string().nullish(),
  num_turns: z.number().nullish(),
  total_cost_usd: z.number().nullish(),
  modelUsage: ModelUsage.nullish(),
  /** Missing before 2.1.330, where only the running total is told. */
  model_usage_since_last_result: ModelUsage.nullish(),
  origin: z.looseObject({ kind: z.string() }).nullish(),
});
export type ResultLine = z.infer<typeof ResultLine>;

/** The CLI asks whether a tool may run. */
export const CanUseTool = z.looseObject({
  subtype: z.literal("can_use_tool"),
  tool_name: z.string(),
  input: z.custom<Record<string, unknown>>(isJsonObject),
  tool_use_id: z.string().nullish(),
  permission_suggestions: z.array(z.looseObject({ type: z.string() })).nullish(),
  blocked_path: z.string().nullish(),
  decision_reason: z.string().nullish(),
  agent_id: z.string().nullish(),
});
export type CanUseTool = z.infer<typeof CanUseTool>;

/** The CLI calls a hook of ours. */
export const HookCallback = z.looseObject({
  subtype: z.literal("hook_callback"),
  input: z.looseObject({ cwd: z.string().optional(), tool_use_id: z.string().optional() }),
});

export const ControlRequestLine = z.looseObject({
  type: z.literal("control_request"),
  request_id: z.string(),
  request: z.looseObject({ subtype: z.string() }),
});
export type ControlRequestLine = z.infer<typeof ControlRequestLine>;

export const ControlCancelLine = z.looseObject({
  type: z.literal("control_cancel_request"),
  request_id: z.string(),
});

/** The answer to a control request of ours. */
export const ControlResponseLine = z.looseObject({
  type: z.literal("control_response"),
  response: z.looseObject({
    subtype: z.string(),
    request_id: z.string(),
    response: z.unknown().optional(),
    error: z.string().nullish(),
  }),
});
export type ControlResponseLine = z.infer<typeof ControlResponseLine>;

/** The answer to `initialize`, as far as it is read. */
export const InitializeResponse = z.looseObject({
  models: z
    .array(
      z.looseObject({
        value: z.string(),
        displayName: z.string().nullish(),
        supportedEffortLevels: z.array(z.string()).nullish(),
      }),
    )
    .catch([]),
});
export type InitializeResponse = z.infer<typeof InitializeResponse>;

/** The answer to `interrupt`: messages that the CLI still means to work on. */
export const InterruptResponse = z
  .looseObject({ still_queued: z.array(z.string()).catch([]) })
  .catch({ still_queued: [] });

/** The input of the tool AskUserQuestion. */
export const AskUserQuestionInput = z.looseObject({
  questions: z.array(
    z.looseObject({
      question: z.string(),
      header: z.string().optional(),
      multiSelect: z.boolean().optional(),
      options: z
        .array(z.looseObject({ label: z.string(), description: z.string().optional() }))
        .catch([]),
    }),
  ),
});

export type AskUserQuestionInput = z.infer<typeof AskUserQuestionInput>;

/** The input of the tool ExitPlanMode. */
export const ExitPlanModeInput = z.looseObject({ plan: z.string().optional() });
