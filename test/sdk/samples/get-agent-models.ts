import { SandboxAgent, type AgentModelInfo, type AgentModelsResponse } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

const { models, defaultModel }: AgentModelsResponse = await client.getAgentModels("mock");
console.log(models.map((model: AgentModelInfo) => model.id).join(" "), defaultModel);
