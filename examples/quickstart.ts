import { SandboxAgent } from "sandbox-agent";

// Starts a daemon of its own, which ends with this block. The mock needs no key: name "claude",
// "codex", "opencode" or "amp" for a real agent.
await using client = await SandboxAgent.start({ spawn: { log: "silent" } });
const session = await client.openSession({ agent: "mock" });

for await (const event of session.prompt("Hello from the SDK.")) {
  if (event.type === "item.delta") process.stdout.write(event.data.delta);
  if (event.type === "turn.ended") console.log(`\n${event.data.metadata.status}`);
}
