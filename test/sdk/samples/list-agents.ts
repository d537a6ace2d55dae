import {
  SandboxAgent,
  type AgentCapabilities,
  type AgentInfo,
  type AgentListResponse,
} from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

const list: AgentListResponse = await client.listAgents();
const mock: AgentInfo | undefined = list.agents.find((agent) => agent.id === "mock");
const capabilities: AgentCapabilities | undefined = mock?.capabilities;
const version: string | null | undefined = mock?.version;
console.log(mock?.installed, mock?.credentialsAvailable, capabilities?.permissions, version);
