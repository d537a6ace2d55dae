import { SandboxAgent, type AgentModeInfo, type AgentModesResponse } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

const { modes }: AgentModesResponse = await client.getAgentModes("mock");
console.log(modes.map((mode: AgentModeInfo) => mode.id).join(" "));
