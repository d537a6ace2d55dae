import { z } from "zod";
import { StderrOutput } from "./event.ts";

/** The agents this daemon knows, in the order in which it lists them. */
export const agentIds = ["claude", "codex", "opencode", "amp", "mock"] as const;
export const AgentId = z.enum(agentIds).meta({ id: "AgentId" });
export type AgentId = z.infer<typeof AgentId>;

const capability = z.boolean();

/** What the conformance tests prove of an agent, no more. */
export const AgentCapabilities = z
  .object({
    planMode: capability,
    permissions: capability,
    questions: capability,
    toolCalls: capability,
    toolResults: capability,
    textMessages: capability,
    images: capability,
    fileAttachments: capability,
    sessionLifecycle: capability,
    errorEvents: capability,
    reasoning: capability,
    status: capability,
    commandExecution: capability,
    fileChanges: capability,
    mcpTools: capability,
    streamingDeltas: capability,
    itemStarted: capability,
    sharedProcess: capability,
  })
  .meta({ id: "AgentCapabilities" });
export type AgentCapabilities = z.infer<typeof AgentCapabilities>;

export const InstallProgress = z
  .object({
    phase: z.enum(["resolving", "downloading", "verifying", "unpacking"]),
    receivedBytes: z.int(),
    totalBytes: z.int().optional(),
  })
  .meta({ id: "InstallProgress" });
export type InstallProgress = z.infer<typeof InstallProgress>;

export const ServerStatusInfo = z
  .object({
    status: z.enum(["running", "stopped", "error"]),
    baseUrl: z.string().optional(),
    uptimeMs: z.int().optional(),
    restartCount: z.int(),
    lastError: z.string().optional(),
    stderr: StderrOutput.optional().meta({
      description: "With `lastError`: what the process wrote to stderr.",
    }),
  })
  .meta({ id: "ServerStatusInfo" });
export type ServerStatusInfo = z.infer<typeof ServerStatusInfo>;

export const AgentInfo = z
  .object({
    id: z.string(),
    installed: z.boolean(),
    credentialsAvailable: z.boolean(),
    version: z.string().optional(),
    path: z.string().optional(),
    capabilities: AgentCapabilities,
    serverStatus: ServerStatusInfo.optional(),
    install: InstallProgress.optional().meta({ description: "While an installation runs." }),
  })
  .meta({ id: "AgentInfo" });
export type AgentInfo = z.infer<typeof AgentInfo>;

export const AgentListResponse = z
  .object({ agents: z.array(AgentInfo) })
  .meta({ id: "AgentListResponse" });
export type AgentListResponse = z.infer<typeof AgentListResponse>;

export const AgentInstallRequest = z
  .object({ reinstall: z.boolean().nullish() })
  .meta({ id: "AgentInstallRequest" });
export type AgentInstallRequest = z.infer<typeof AgentInstallRequest>;

export const AgentModeInfo = z
  .object({ id: z.string(), name: z.string(), description: z.string() })
  .meta({ id: "AgentModeInfo" });
export type AgentModeInfo = z.infer<typeof AgentModeInfo>;

export const AgentModesResponse = z
  .object({ modes: z.array(AgentModeInfo) })
  .meta({ id: "AgentModesResponse" });
export type AgentModesResponse = z.infer<typeof AgentModesResponse>;

export const AgentModelInfo = z
  .object({
    id: z.string(),
    name: z.string().optional(),
    variants: z.array(z.string()).optional(),
    defaultVariant: z.string().optional(),
  })
  .meta({ id: "AgentModelInfo" });
export type AgentModelInfo = z.infer<typeof AgentModelInfo>;

export const AgentModelsResponse = z
  .object({ models: z.array(AgentModelInfo), defaultModel: z.string().optional() })
  .meta({ id: "AgentModelsResponse" });
export type AgentModelsResponse = z.infer<typeof AgentModelsResponse>;

export const HealthResponse = z.object({ status: z.string() }).meta({ id: "HealthResponse" });
export type HealthResponse = z.infer<typeof HealthResponse>;
