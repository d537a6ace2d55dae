import { AgentDaemon, type AgentDaemonOptions } from "./agent-daemon.ts";
import { plainClaude } from "./agents/claude.ts";
import type { ModelServer } from "./model-server.ts";

/** A daemon that runs the real Claude CLI, which talks to a scripted model. */
export type ClaudeDaemon = AgentDaemon<ModelServer>;

/** Starts one. */
export function startClaude(options?: AgentDaemonOptions): Promise<ClaudeDaemon> {
  return AgentDaemon.start(plainClaude, options);
}
