import { SandboxAgent } from "sandbox-agent";

/** A page of the server, which Next.js may render from cached answers. */
export default async function Status() {
  const client = await SandboxAgent.connect({ baseUrl: process.env.SANDBOX_AGENT_URL });
  const { eventCount } = await client.getSession(process.env.SESSION);
  return <p>{`${eventCount} events`}</p>;
}
