export { SandboxAgent } from "./sdk/sandbox-agent.ts";
export { SandboxAgentError } from "./sdk/error.ts";
export { buildInspectorUrl } from "./sdk/inspector-url.ts";
export type { SandboxAgentSpawnOptions } from "./sdk/spawn-options.ts";
