import { SandboxAgent } from "sandbox-agent";

/** Returns the JSON of each event of a session, and then that of the page of them all. */
export async function readSession(baseUrl, session) {
  const client = await SandboxAgent.connect({ baseUrl });
  const lines = [];
  for await (const event of client.streamEvents(session)) lines.push(JSON.stringify(event));
  lines.push(JSON.stringify(await client.getEvents(session)));
  return lines;
}
