import { SandboxAgent, type SessionInfo, type SessionListResponse } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("listed", { agent: "mock", title: "Listed" });
const { sessions }: SessionListResponse = await client.listSessions();
const session: SessionInfo | undefined = sessions.find(({ sessionId }) => sessionId === "listed");
console.log(session?.agent, session?.agentMode, session?.permissionMode, session?.title);
console.log(session?.ended, session?.eventCount, typeof session?.createdAt, session?.model);
