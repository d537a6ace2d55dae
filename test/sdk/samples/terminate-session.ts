import {
  SandboxAgent,
  type SessionEndReason,
  type SessionEndedData,
  type TerminatedBy,
} from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("terminate-session", { agent: "mock" });
await client.terminateSession("terminate-session");
for await (const event of client.streamEvents("terminate-session")) {
  if (event.type !== "session.ended") continue;
  const data = event.data as SessionEndedData;
  const reason: SessionEndReason = data.reason;
  const by: TerminatedBy = data.terminated_by;
  console.log(reason, by);
}
