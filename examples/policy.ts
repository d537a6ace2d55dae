import { type PermissionEventData, type PermissionReply, SandboxAgent } from "sandbox-agent";
import { onlyLooks } from "./only-looks.ts";

// Answers an agent's permissions by a rule instead of a person: it may run commands that only look.
function decide({ metadata }: PermissionEventData): PermissionReply {
  const command = metadata?.["command"];
  return typeof command === "string" && onlyLooks(command) ? "once" : "reject";
}

const [baseUrl = "http://127.0.0.1:2468", agent = "mock", message = "permission"] =
  process.argv.slice(2);
const client = await SandboxAgent.connect({ baseUrl, token: process.env["SANDBOX_AGENT_TOKEN"] });
const session = await client.openSession({ agent });
for await (const { type, data } of session.prompt(message, { onPermission: decide })) {
  if (type === "permission.resolved") console.log(`${data.action}: ${data.status}`);
  if (type === "turn.ended") console.log(data.metadata.status);
}
await session.delete();
