// What `import "sandbox-agent"` gives in a page; its types are those of `index.ts`.
export { SandboxAgent } from "./sdk/browser-sandbox-agent.ts";
export { SandboxAgentError } from "./sdk/error.ts";
export { buildInspectorUrl } from "./sdk/inspector-url.ts";
