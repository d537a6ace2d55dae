import { SandboxAgent } from "sandbox-agent";

/** A route that does not look at its request, so that Next.js may cache the answers it gets. */
export async function GET() {
  const client = await SandboxAgent.connect({ baseUrl: process.env.SANDBOX_AGENT_URL });
  const texts = [];
  for await (const { type, data } of client.session(process.env.SESSION).prompt("✓ hello")) {
    if (type === "item.delta") texts.push(data.delta);
  }
  return Response.json(texts);
}
