import type {
  AgentUnparsedData,
  components,
  ErrorData,
  EventSource,
  FileAction,
  ItemKind,
  ItemRole,
  ItemStatus,
  McpCommand,
  McpOAuthConfig,
  McpOAuthConfigOrDisabled,
  McpRemoteTransport,
  paths,
  ReasoningVisibility,
  SessionInfo,
  SessionStartedData,
  SkillSource,
  UniversalEvent,
  UniversalEventData,
} from "sandbox-agent";

type Schemas = components["schemas"];
type Listed =
  paths["/v1/sessions"]["get"]["responses"][200]["content"]["application/json"]["sessions"][number];
type Sent =
  paths["/v1/sessions/{session_id}/messages"]["post"]["requestBody"]["content"]["application/json"];
type Query = NonNullable<paths["/v1/sessions/{session_id}/events"]["get"]["parameters"]["query"]>;

const info = (listed: Listed): SessionInfo => listed;
const message: Sent = { message: "hello" };
const query: Query = { offset: 1, include_raw: true };
const started: Schemas["TurnStartedData"] = {
  phase: "started",
  turn_id: "turn_1",
  metadata: { origin: "user" },
};
const data = (event: UniversalEvent): UniversalEventData => event.data;
const oauth: McpOAuthConfig = { clientId: "id", clientSecret: null };
const told: [
  AgentUnparsedData,
  ErrorData,
  EventSource,
  FileAction,
  ItemKind,
  ItemRole,
  ItemStatus,
  McpCommand,
  McpOAuthConfigOrDisabled,
  McpRemoteTransport,
  ReasoningVisibility,
  SessionStartedData,
  SkillSource,
] = [
  { error: "", location: "", raw_hash: null },
  { message: "", code: null, details: null },
  "agent",
  "write",
  "message",
  "assistant",
  "completed",
  "files",
  oauth,
  "http",
  "public",
  { metadata: {} },
  { type: "git", source: "https://git.example/skills" },
];
console.log(told.length, message.message, query.offset, started.turn_id, typeof info, typeof data);
