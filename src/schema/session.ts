import { z } from "zod";
import { ErrorData } from "./event.ts";
import { McpServerConfig } from "./mcp.ts";
import { PermissionEventData } from "./permission.ts";
import { QuestionEventData } from "./question.ts";
import { SkillsConfig } from "./skills.ts";
import { Usage } from "./usage.ts";

/** A name or label. */
const label = z.string().max(1024);

const MAX_VARIABLES = 1000;
const MAX_VARIABLES_BYTES = 2 ** 20;

/** Variables of the environment; `SessionInfo` never contains them. */
const Environment = z
  .record(z.string(), z.string())
  .refine((env) => Object.keys(env).length <= MAX_VARIABLES, {
    message: `must have at most ${MAX_VARIABLES} variables`,
  })
  .refine((env) => lengthOf(env) <= MAX_VARIABLES_BYTES, {
    message: `must have at most ${MAX_VARIABLES_BYTES} characters`,
  });

function lengthOf(env: Record<string, string>): number {
  return Object.entries(env).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

/** What happens when nobody answers a permission or question. */
export const Interaction = z
  .object({
    timeoutMs: z.int().min(1).max(86_400_000).nullish().meta({
      description: "Milliseconds an open request may wait; none: for ever.",
    }),
    onTimeout: z.enum(["reject", "interrupt"]).nullish().meta({ description: "Default `reject`." }),
  })
  .meta({ id: "Interaction", description: "What happens when nobody answers a request." });
export type Interaction = z.infer<typeof Interaction>;

/** Settings in the session's directory that run or redirect something by themselves. */
export const RepositorySettings = z.enum(["use", "ignore"]).meta({
  id: "RepositorySettings",
  description:
    "Hooks, MCP servers, plugins, key helpers, base URLs and command rules of the session's directory.",
});
export type RepositorySettings = z.infer<typeof RepositorySettings>;

export const CreateSessionRequest = z
  .object({
    agent: label.meta({ description: "`claude`, `codex`, `opencode`, `amp` or `mock`." }),
    agentMode: label.nullish().meta({ description: "Default `build`." }),
    permissionMode: label.nullish().meta({ description: "Default `default`." }),
    model: label.nullish(),
    variant: label.nullish().meta({
      description: "Reasoning effort, where the model has several.",
    }),
    agentVersion: label.nullish(),
    directory: z.string().max(4096).nullish().meta({
      description: "Working directory: absolute and existing. Default: the daemon's.",
    }),
    title: label.nullish(),
    env: Environment.nullish().meta({
      description:
        "Added to the agent's environment; never shown again. At most 1,000 variables and 1 MiB.",
    }),
    repositorySettings: RepositorySettings.nullish().meta({
      description:
        "Default: the daemon's `--repository-settings`, else `use` in mode `bypass` and `ignore` in every other mode.",
    }),
    interaction: Interaction.nullish(),
    mcp: z
      .record(z.string(), McpServerConfig)
      .nullish()
      .meta({ description: "Not supported yet: must be empty." }),
    skills: SkillsConfig.nullish().meta({ description: "Not supported yet: must be empty." }),
  })
  .meta({ id: "CreateSessionRequest" });
export type CreateSessionRequest = z.infer<typeof CreateSessionRequest>;

export const AgentError = z
  .object({
    type: z.string(),
    message: z.string(),
    agent: z.string().optional(),
    session_id: z.string().optional(),
    details: z.unknown().optional(),
  })
  .meta({ id: "AgentError" });
export type AgentError = z.infer<typeof AgentError>;

export const CreateSessionResponse = z
  .object({
    healthy: z.boolean(),
    error: AgentError.optional(),
    nativeSessionId: z.string().optional(),
  })
  .meta({ id: "CreateSessionResponse" });
export type CreateSessionResponse = z.infer<typeof CreateSessionResponse>;

export const SessionStatus = z
  .enum(["starting", "idle", "running", "ended"])
  .meta({ id: "SessionStatus", description: "`ended` is final." });
export type SessionStatus = z.infer<typeof SessionStatus>;

export const SessionInfo = z
  .object({
    sessionId: z.string(),
    agent: z.string(),
    agentMode: z.string(),
    permissionMode: z.string(),
    repositorySettings: RepositorySettings.optional(),
    model: z.string().nullable(),
    variant: z.string().nullable(),
    nativeSessionId: z.string().nullable(),
    ended: z.boolean(),
    eventCount: z.int(),
    createdAt: z.int().meta({ description: "Milliseconds since 1970." }),
    updatedAt: z.int().meta({ description: "Milliseconds since 1970." }),
    directory: z.string().nullable(),
    title: z.string().nullable(),
    status: SessionStatus,
    pendingPermissions: z.array(PermissionEventData),
    pendingQuestions: z.array(QuestionEventData),
    queuedMessages: z.int(),
    usage: Usage,
    firstSequence: z.int().meta({ description: "The oldest event that can still be read." }),
    lastError: ErrorData.optional(),
  })
  .meta({ id: "SessionInfo" });
export type SessionInfo = z.infer<typeof SessionInfo>;

export const SessionListResponse = z
  .object({ sessions: z.array(SessionInfo) })
  .meta({ id: "SessionListResponse" });
export type SessionListResponse = z.infer<typeof SessionListResponse>;
