import { z } from "zod";

// Messages of `codex app-server` 0.171.0. The schemas are loose: they name only the members that are read.

const Status = z.string().catch("inProgress");

const AgentMessage = z.looseObject({
  type: z.literal("agentMessage"),
  id: z.string(),
  text: z.string(),
  /** `async` where it asks something and does not wait. */
  delivery: z.string().nullish(),
  questions: z
    .array(z.looseObject({ title: z.string(), options: z.array(z.string()).nullish() }))
    .nullish()
    .catch(null),
});
const Reasoning = z.looseObject({
  type: z.literal("reasoning"),
  id: z.string(),
  summary: z.array(z.string()).catch([]),
  content: z.array(z.string()).catch([]),
});
const CommandExecution = z.looseObject({
  type: z.literal("commandExecution"),
  id: z.string(),
  command: z.string(),
  cwd: z.string().nullish(),
  status: Status,
  aggregatedOutput: z.string().nullish(),
  exitCode: z.int().nullish(),
  durationMs: z.number().nullish(),
});
const FileChange = z.looseObject({
  type: z.literal("fileChange"),
  id: z.string(),
  status: Status,
  changes: z.array(
    z.looseObject({
      path: z.string(),
      kind: z.looseObject({ type: z.string(), move_path: z.string().nullish() }),
      diff: z.string().catch(""),
    }),
  ),
});
const McpToolCall = z.looseObject({
  type: z.literal("mcpToolCall"),
  id: z.string(),
  server: z.string(),
  tool: z.string(),
  status: Status,
  arguments: z.unknown().optional(),
  result: z.looseObject({ content: z.array(z.looseObject({ type: z.string() })) }).nullish(),
  error: z.looseObject({ message: z.string() }).nullish(),
  durationMs: z.number().nullish(),
});
const Plan = z.looseObject({ type: z.literal("plan"), id: z.string(), text: z.string() });
const WebSearch = z.looseObject({
  type: z.literal("webSearch"),
  id: z.string(),
  query: z.string().catch(""),
  action: z.looseObject({ type: z.string() }).nullish(),
  results: z.array(z.unknown()).nullish(),
});
/** A picture that the provider has made: as data, or in a file. */
const ImageGeneration = z.looseObject({
  type: z.literal("imageGeneration"),
  id: z.string(),
  status: Status,
  revisedPrompt: z.string().nullish(),
  failure: z.unknown().optional(),
  result: z.string().nullish(),
  savedPath: z.string().nullish(),
});
const ImageView = z.looseObject({
  type: z.literal("imageView"),
  id: z.string(),
  path: z.string(),
});
const Sleep = z.looseObject({
  type: z.literal("sleep"),
  id: z.string(),
  durationMs: z.number(),
});
/** A subagent, of the older models and of the newer ones. */
const CollabAgentToolCall = z.looseObject({
  type: z.literal("collabAgentToolCall"),
  id: z.string(),
  tool: z.string(),
  status: Status,
  prompt: z.string().nullish(),
  receiverThreadIds: z.array(z.string()).catch([]),
  /** What is known of the agents, by their threads. */
  agentsStates: z
    .record(z.string(), z.looseObject({ status: z.string(), message: z.string().nullish() }))
    .catch({}),
});
const SubAgentActivity = z.looseObject({
  type: z.literal("subAgentActivity"),
  id: z.string(),
  kind: z.string(),
  agentThreadId: z.string(),
  agentPath: z.string().nullish(),
});

/** An item of a thread that has a form of ours. */
export const ThreadItem = z.discriminatedUnion("type", [
  AgentMessage,
  Reasoning,
  CommandExecution,
  FileChange,
  McpToolCall,
  Plan,
  WebSearch,
  ImageView,
  ImageGeneration,
  Sleep,
  CollabAgentToolCall,
  SubAgentActivity,
]);
export type ThreadItem = z.infer<typeof ThreadItem>;
export type ItemOf<T extends ThreadItem["type"]> = Extract<ThreadItem, { type: T }>;

/** A message of the user; one that was given an id by its client is told by it. */
export const UserMessage = z.looseObject({
  type: z.literal("userMessage"),
  id: z.string(),
  clientId: z.string().nullish(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
});
export type UserMessage = z.infer<typeof UserMessage>;

const TokenCounts = z.looseObject({
  totalTokens: z.number().catch(0),
  inputTokens: z.number().catch(0),
  cachedInputTokens: z.number().catch(0),
  outputTokens: z.number().catch(0),
  reasoningOutputTokens: z.number().catch(0),
});
export type TokenCounts = z.infer<typeof TokenCounts>;

export const TokenUsage = z.looseObject({
  tokenUsage: z.looseObject({
    total: TokenCounts,
    modelContextWindow: z.number().nullish(),
  }),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

/** Why something went wrong: a word, or an object with one member named by it. */
export const TurnError = z.looseObject({
  message: z.string(),
  codexErrorInfo: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
  additionalDetails: z.string().nullish(),
});
export type TurnError = z.infer<typeof TurnError>;

export const ErrorNotice = z.looseObject({ error: TurnError, willRetry: z.boolean().catch(false) });

export const TurnCompleted = z.looseObject({
  turn: z.looseObject({ id: z.string(), status: z.string(), error: TurnError.nullish() }),
});

/** A turn that has ended. */
export type NativeTurn = z.infer<typeof TurnCompleted>["turn"];

export const PlanUpdate = z.looseObject({
  plan: z.array(z.looseObject({ step: z.string(), status: z.string() })),
});

const CommandApproval = z.looseObject({
  itemId: z.string(),
  command: z.string().nullish(),
  cwd: z.string().nullish(),
  reason: z.string().nullish(),
  /** Members that widen or move what the command may do. */
  kind: z.unknown().optional(),
  environmentId: z.unknown().optional(),
  networkApprovalContext: z.unknown().optional(),
  additionalPermissions: z.unknown().optional(),
  /** What it takes the command to do; `unknown` where it cannot tell. */
  commandActions: z.array(z.looseObject({ type: z.string() })).catch([]),
});
const FileApproval = z.looseObject({
  itemId: z.string(),
  reason: z.string().nullish(),
  grantRoot: z.string().nullish(),
});
const UserInput = z.looseObject({
  itemId: z.string(),
  questions: z.array(
    z.looseObject({
      id: z.string(),
      header: z.string().nullish(),
      question: z.string(),
      options: z
        .array(z.looseObject({ label: z.string(), description: z.string().nullish() }))
        .nullish(),
      isOther: z.boolean().nullish(),
    }),
  ),
});
/** An MCP server asks for something, or Codex whether one of its tools may be called. */
const Elicitation = z.looseObject({
  serverName: z.string(),
  message: z.string().catch(""),
  mode: z.string().nullish(),
  url: z.string().nullish(),
  requestedSchema: z.unknown().optional(),
  _meta: z
    .looseObject({
      codex_approval_kind: z.string().nullish(),
      tool_name: z.string().nullish(),
      tool_params: z.unknown().optional(),
    })
    .nullish(),
});

/** A form as the Model Context Protocol has it (2025-11-25): members of simple types. */
export const FormSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).catch([]),
});
const Choices = {
  enum: z.array(z.string()).optional(),
  oneOf: z.array(z.looseObject({ const: z.string(), title: z.string() })).optional(),
  anyOf: z.array(z.looseObject({ const: z.string(), title: z.string() })).optional(),
};
export const FormMember = z.looseObject({
  type: z.enum(["string", "number", "integer", "boolean", "array"]),
  title: z.string().optional(),
  description: z.string().optional(),
  enumNames: z.array(z.string()).optional(),
  items: z.looseObject(Choices).optional(),
  ...Choices,
});
export type FormMember = z.infer<typeof FormMember>;

/** More than the sandbox allows, of the network or of files. */
const PermissionsApproval = z.looseObject({
  itemId: z.string(),
  cwd: z.string().nullish(),
  reason: z.string().nullish(),
  permissions: z.record(z.string(), z.unknown()),
});

/** What the server asks, by method, as far as a client of ours can answer it. */
export const asked = {
  "item/commandExecution/requestApproval": CommandApproval,
  "item/fileChange/requestApproval": FileApproval,
  "item/tool/requestUserInput": UserInput,
  "item/permissions/requestApproval": PermissionsApproval,
  "mcpServer/elicitation/request": Elicitation,
} as const;
export type CommandApproval = z.infer<typeof CommandApproval>;
export type FileApproval = z.infer<typeof FileApproval>;
export type UserInput = z.infer<typeof UserInput>;
export type PermissionsApproval = z.infer<typeof PermissionsApproval>;
export type Elicitation = z.infer<typeof Elicitation>;

export const ThreadAnswer = z.looseObject({
  thread: z.looseObject({ id: z.string() }),
  model: z.string().nullish(),
  reasoningEffort: z.string().nullish(),
});
export type ThreadAnswer = z.infer<typeof ThreadAnswer>;
export const TurnAnswer = z.looseObject({ turn: z.looseObject({ id: z.string() }) });

/** Commands that go on beside turns. */
export const Terminals = z.looseObject({
  data: z.array(z.looseObject({ itemId: z.string(), processId: z.string() })),
  nextCursor: z.string().nullish(),
});
export type Terminals = z.infer<typeof Terminals>;

export const AccountAnswer = z.looseObject({
  account: z.unknown().default(null),
  requiresOpenaiAuth: z.boolean().catch(false),
});
