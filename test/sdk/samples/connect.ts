import { SandboxAgent, type SandboxAgentConnectOptions } from "sandbox-agent";

const options: SandboxAgentConnectOptions = {
  baseUrl: `${process.env.SANDBOX_URL ?? ""}/`,
  token: process.env.SANDBOX_TOKEN ?? "",
  fetch: (input, init) => globalThis.fetch(input, init),
  headers: { "x-request-source": "sample" },
};
const client: SandboxAgent = await SandboxAgent.connect(options);
const { agents } = await client.listAgents();
console.log(agents.length);
