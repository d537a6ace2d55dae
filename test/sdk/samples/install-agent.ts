import { SandboxAgent, type AgentInstallRequest } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

const request: AgentInstallRequest = { reinstall: true };
await client.installAgent("mock");
await client.installAgent("mock", request);
const nothing: void = await client.installAgent("mock", { reinstall: false });
console.log(nothing);
