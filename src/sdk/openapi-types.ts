// `npx node scripts/openapi.ts` writes this file: the types of docs/openapi.json.
import type { EventsQuery } from "./follow.ts";
import type { TurnStreamQuery } from "./client.ts";
import type {
  AgentId,
  AgentCapabilities,
  InstallProgress,
  ServerStatusInfo,
  AgentInfo,
  AgentListResponse,
  AgentInstallRequest,
  AgentModeInfo,
  AgentModesResponse,
  AgentModelInfo,
  AgentModelsResponse,
  HealthResponse,
} from "../schema/agent.ts";
import type { ReasoningVisibility, FileAction, PlanEntry, ContentPart } from "../schema/content.ts";
import type { DoctorCheck, DoctorReport } from "../schema/doctor.ts";
import type {
  EventSource,
  SessionStartedData,
  SessionEndReason,
  TerminatedBy,
  StderrOutput,
  SessionEndedData,
  TurnStatus,
  TurnStartedMetadata,
  TurnEndedMetadata,
  TurnStartedData,
  TurnEndedData,
  ItemEventData,
  ItemDeltaData,
  ErrorData,
  AgentUnparsedData,
  UniversalEventType,
  UniversalEvent,
  UniversalEventData,
  EventsResponse,
} from "../schema/event.ts";
import type { ItemKind, ItemRole, ItemStatus, UniversalItem } from "../schema/item.ts";
import type {
  McpCommand,
  McpOAuthConfig,
  McpOAuthConfigOrDisabled,
  McpRemoteTransport,
  McpServerConfig,
} from "../schema/mcp.ts";
import type { MessageAttachment, MessageRequest } from "../schema/message.ts";
import type {
  PermissionReply,
  PermissionReplyRequest,
  PermissionStatus,
  PermissionEventData,
} from "../schema/permission.ts";
import type { ProblemDetails } from "../schema/problem-details.ts";
import type {
  QuestionReplyRequest,
  QuestionStatus,
  QuestionPart,
  QuestionEventData,
} from "../schema/question.ts";
import type {
  Interaction,
  RepositorySettings,
  CreateSessionRequest,
  AgentError,
  CreateSessionResponse,
  SessionStatus,
  SessionInfo,
  SessionListResponse,
} from "../schema/session.ts";
import type { SkillSource, SkillsConfig } from "../schema/skills.ts";
import type { Usage } from "../schema/usage.ts";

/** The objects of the API by the names that its description has for them. */
export interface components {
  schemas: {
    AgentCapabilities: AgentCapabilities;
    AgentError: AgentError;
    AgentId: AgentId;
    AgentInfo: AgentInfo;
    AgentInstallRequest: AgentInstallRequest;
    AgentListResponse: AgentListResponse;
    AgentModeInfo: AgentModeInfo;
    AgentModelInfo: AgentModelInfo;
    AgentModelsResponse: AgentModelsResponse;
    AgentModesResponse: AgentModesResponse;
    AgentUnparsedData: AgentUnparsedData;
    ContentPart: ContentPart;
    CreateSessionRequest: CreateSessionRequest;
    CreateSessionResponse: CreateSessionResponse;
    DoctorCheck: DoctorCheck;
    DoctorReport: DoctorReport;
    ErrorData: ErrorData;
    EventSource: EventSource;
    EventsQuery: EventsQuery;
    EventsResponse: EventsResponse;
    FileAction: FileAction;
    HealthResponse: HealthResponse;
    InstallProgress: InstallProgress;
    Interaction: Interaction;
    ItemDeltaData: ItemDeltaData;
    ItemEventData: ItemEventData;
    ItemKind: ItemKind;
    ItemRole: ItemRole;
    ItemStatus: ItemStatus;
    McpCommand: McpCommand;
    McpOAuthConfig: McpOAuthConfig;
    McpOAuthConfigOrDisabled: McpOAuthConfigOrDisabled;
    McpRemoteTransport: McpRemoteTransport;
    McpServerConfig: McpServerConfig;
    MessageAttachment: MessageAttachment;
    MessageRequest: MessageRequest;
    PermissionEventData: PermissionEventData;
    PermissionReply: PermissionReply;
    PermissionReplyRequest: PermissionReplyRequest;
    PermissionStatus: PermissionStatus;
    PlanEntry: PlanEntry;
    ProblemDetails: ProblemDetails;
    QuestionEventData: QuestionEventData;
    QuestionPart: QuestionPart;
    QuestionReplyRequest: QuestionReplyRequest;
    QuestionStatus: QuestionStatus;
    ReasoningVisibility: ReasoningVisibility;
    RepositorySettings: RepositorySettings;
    ServerStatusInfo: ServerStatusInfo;
    SessionEndReason: SessionEndReason;
    SessionEndedData: SessionEndedData;
    SessionInfo: SessionInfo;
    SessionListResponse: SessionListResponse;
    SessionStartedData: SessionStartedData;
    SessionStatus: SessionStatus;
    SkillSource: SkillSource;
    SkillsConfig: SkillsConfig;
    StderrOutput: StderrOutput;
    TerminatedBy: TerminatedBy;
    TurnEndedData: TurnEndedData;
    TurnEndedMetadata: TurnEndedMetadata;
    TurnStartedData: TurnStartedData;
    TurnStartedMetadata: TurnStartedMetadata;
    TurnStatus: TurnStatus;
    TurnStreamQuery: TurnStreamQuery;
    UniversalEvent: UniversalEvent;
    UniversalEventData: UniversalEventData;
    UniversalEventType: UniversalEventType;
    UniversalItem: UniversalItem;
    Usage: Usage;
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}

/** The routes of the API, with what they take and answer. */
export interface paths {
  "/": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "text/plain": string };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/health": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/json": components["schemas"]["HealthResponse"] };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "text/plain": string };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/agents": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/json": components["schemas"]["AgentListResponse"] };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/agents/{agent}/install": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path: { agent: string }; cookie?: never };
      requestBody: {
        content: { "application/json": components["schemas"]["AgentInstallRequest"] };
      };
      responses: {
        204: { headers: { "x-request-id": string; [name: string]: unknown } } & { content?: never };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        408: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        413: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        415: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        507: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/agents/{agent}/modes": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path: { agent: string }; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/json": components["schemas"]["AgentModesResponse"] };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        507: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/agents/{agent}/models": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path: { agent: string }; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/json": components["schemas"]["AgentModelsResponse"] };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        502: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        507: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/agents/{agent}/doctor": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: { checkKey?: boolean | null };
        header?: never;
        path: { agent: string };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/json": components["schemas"]["DoctorReport"] };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        507: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/json": components["schemas"]["SessionListResponse"] };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path: { session_id: string }; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/json": components["schemas"]["SessionInfo"] };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path: { session_id: string }; cookie?: never };
      requestBody: {
        content: { "application/json": components["schemas"]["CreateSessionRequest"] };
      };
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/json": components["schemas"]["CreateSessionResponse"] };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        408: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        409: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        413: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        415: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        502: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        507: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    delete: {
      parameters: { query?: never; header?: never; path: { session_id: string }; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: { "x-request-id": string; [name: string]: unknown } } & { content?: never };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}/interrupt": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path: { session_id: string }; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: { "x-request-id": string; [name: string]: unknown } } & { content?: never };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        502: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}/terminate": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path: { session_id: string }; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: { "x-request-id": string; [name: string]: unknown } } & { content?: never };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}/messages": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path: { session_id: string }; cookie?: never };
      requestBody: { content: { "application/json": components["schemas"]["MessageRequest"] } };
      responses: {
        204: {
          headers: { "x-turn-id": string; "x-request-id": string; [name: string]: unknown };
        } & { content?: never };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        408: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        409: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        413: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        415: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        429: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        507: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}/messages/stream": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: {
        query?: { include_raw?: boolean | null; includeRaw?: boolean | null };
        header?: never;
        path: { session_id: string };
        cookie?: never;
      };
      requestBody: { content: { "application/json": components["schemas"]["MessageRequest"] } };
      responses: {
        200: {
          headers: { "x-turn-id": string; "x-request-id": string; [name: string]: unknown };
        } & { content: { "text/event-stream": components["schemas"]["UniversalEvent"] } };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        408: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        409: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        413: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        415: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        429: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        503: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        507: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}/events": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: {
          offset?: number | null;
          limit?: number | null;
          include_raw?: boolean | null;
          includeRaw?: boolean | null;
        };
        header?: never;
        path: { session_id: string };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/json": components["schemas"]["EventsResponse"] };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        410: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}/events/sse": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: {
          offset?: number | null;
          limit?: number | null;
          include_raw?: boolean | null;
          includeRaw?: boolean | null;
        };
        header?: never;
        path: { session_id: string };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "text/event-stream": components["schemas"]["UniversalEvent"] };
        };
        204: { headers: { "x-request-id": string; [name: string]: unknown } } & { content?: never };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        410: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        503: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}/images": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query: { path: string };
        header?: never;
        path: { session_id: string };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: {
            "image/png": string;
            "image/jpeg": string;
            "image/gif": string;
            "image/webp": string;
          };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}/questions/{question_id}/reply": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: { session_id: string; question_id: string };
        cookie?: never;
      };
      requestBody: {
        content: { "application/json": components["schemas"]["QuestionReplyRequest"] };
      };
      responses: {
        204: { headers: { "x-request-id": string; [name: string]: unknown } } & { content?: never };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        408: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        409: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        413: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        415: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        502: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        507: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}/questions/{question_id}/reject": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: { session_id: string; question_id: string };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        204: { headers: { "x-request-id": string; [name: string]: unknown } } & { content?: never };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        409: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        502: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        507: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sessions/{session_id}/permissions/{permission_id}/reply": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: { session_id: string; permission_id: string };
        cookie?: never;
      };
      requestBody: {
        content: { "application/json": components["schemas"]["PermissionReplyRequest"] };
      };
      responses: {
        204: { headers: { "x-request-id": string; [name: string]: unknown } } & { content?: never };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        401: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        404: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        408: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        409: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        413: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        415: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        502: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        507: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/openapi.json": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/json": Record<string, unknown> };
        };
        400: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        403: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
        500: { headers: { "x-request-id": string; [name: string]: unknown } } & {
          content: { "application/problem+json": components["schemas"]["ProblemDetails"] };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
