import { SandboxAgent } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

const disposed: void = await client.dispose();
console.log(disposed, (await client.getHealth()).status);
