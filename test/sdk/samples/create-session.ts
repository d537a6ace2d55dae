import {
  SandboxAgent,
  SandboxAgentError,
  type CreateSessionRequest,
  type CreateSessionResponse,
  type McpServerConfig,
  type SkillsConfig,
} from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

const request: CreateSessionRequest = {
  agent: "mock",
  agentMode: "build",
  permissionMode: "default",
  model: null,
  variant: null,
  agentVersion: null,
  directory: process.cwd(),
  title: "A sample",
};
const created: CreateSessionResponse = await client.createSession("create session", request);
console.log(created.healthy, created.error?.message, created.nativeSessionId);

const mcp: Record<string, McpServerConfig> = {
  files: { type: "local", command: ["mcp-files", "--root"], args: ["/"], timeoutMs: 5_000 },
  docs: { type: "remote", url: "https://docs.example/mcp", oauth: false, transport: "sse" },
};
const skills: SkillsConfig = { sources: [{ type: "local", source: "/skills", skills: ["one"] }] };
for (const refused of [{ mcp }, { skills }]) {
  try {
    await client.createSession("refused", { agent: "mock", ...refused });
  } catch (error) {
    if (error instanceof SandboxAgentError) console.log(error.problem?.detail);
  }
}
