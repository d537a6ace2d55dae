// `Symbol.asyncDispose` is in no older `lib` of those who use us.
/// <reference lib="esnext.disposable" preserve="true" />

export { SandboxAgent } from "./sdk/sandbox-agent.ts";
export { SandboxAgentError } from "./sdk/error.ts";
export { buildInspectorUrl } from "./sdk/inspector-url.ts";

export type { SandboxAgentClient, TurnStreamQuery } from "./sdk/client.ts";
export type { SandboxAgentConnectOptions } from "./sdk/connection.ts";
export type { EventsQuery, FollowOptions } from "./sdk/follow.ts";
export type { InspectorUrlOptions } from "./sdk/inspector-url.ts";
export type { components, paths } from "./sdk/openapi-types.ts";
export type { PromptOptions } from "./sdk/prompt.ts";
export type { SessionHandle } from "./sdk/session-handle.ts";
export type {
  SandboxAgentSpawnLogMode,
  SandboxAgentSpawnOptions,
  SandboxAgentStartOptions,
} from "./sdk/spawn-options.ts";

export type {
  AgentCapabilities,
  AgentId,
  AgentInfo,
  AgentInstallRequest,
  AgentListResponse,
  AgentModeInfo,
  AgentModelInfo,
  AgentModelsResponse,
  AgentModesResponse,
  HealthResponse,
  InstallProgress,
  ServerStatusInfo,
} from "./schema/agent.ts";
export type { ContentPart, FileAction, PlanEntry, ReasoningVisibility } from "./schema/content.ts";
export type { DoctorCheck, DoctorReport } from "./schema/doctor.ts";
export type {
  AgentUnparsedData,
  ErrorData,
  EventSource,
  EventsResponse,
  ItemDeltaData,
  ItemEventData,
  SessionEndReason,
  SessionEndedData,
  SessionStartedData,
  StderrOutput,
  TerminatedBy,
  TurnEndedData,
  TurnEndedMetadata,
  TurnStartedData,
  TurnStartedMetadata,
  TurnStatus,
  UniversalEvent,
  UniversalEventData,
  UniversalEventType,
} from "./schema/event.ts";
export type { ItemKind, ItemRole, ItemStatus, UniversalItem } from "./schema/item.ts";
export type {
  McpCommand,
  McpOAuthConfig,
  McpOAuthConfigOrDisabled,
  McpRemoteTransport,
  McpServerConfig,
} from "./schema/mcp.ts";
export type { MessageAttachment, MessageRequest } from "./schema/message.ts";
export type {
  PermissionEventData,
  PermissionReply,
  PermissionReplyRequest,
  PermissionStatus,
} from "./schema/permission.ts";
export type { ProblemDetails } from "./schema/problem-details.ts";
export type {
  QuestionEventData,
  QuestionPart,
  QuestionReplyRequest,
  QuestionStatus,
} from "./schema/question.ts";
export type {
  AgentError,
  CreateSessionRequest,
  CreateSessionResponse,
  Interaction,
  SessionInfo,
  SessionListResponse,
  SessionStatus,
} from "./schema/session.ts";
export type { SkillSource, SkillsConfig } from "./schema/skills.ts";
export type { Usage } from "./schema/usage.ts";
