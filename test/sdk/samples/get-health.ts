import { SandboxAgent, type HealthResponse } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

const health: HealthResponse = await client.getHealth();
console.log(health.status);
