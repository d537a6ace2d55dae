import {
  SandboxAgent,
  type SandboxAgentSpawnLogMode,
  type SandboxAgentSpawnOptions,
  type SandboxAgentStartOptions,
} from "sandbox-agent";

const log: SandboxAgentSpawnLogMode = "silent";
const spawn: SandboxAgentSpawnOptions = {
  enabled: true,
  host: "127.0.0.1",
  token: "chosen",
  timeoutMs: 30_000,
  log,
  env: { SANDBOX_AGENT_LOG_LEVEL: "warn" },
};
const options: SandboxAgentStartOptions = { spawn, fetch, headers: { "x-mine": "1" } };
const client = await SandboxAgent.start(options);
console.log((await client.getHealth()).status);
await client.dispose();

const other = await SandboxAgent.start({ spawn: true });
await other.dispose();
try {
  await SandboxAgent.start({ spawn: false });
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
}
