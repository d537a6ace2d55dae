import { SandboxAgent } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("reject-question", { agent: "mock" });
await client.postMessage("reject-question", { message: "question" });
for await (const event of client.streamEvents("reject-question")) {
  if (event.type === "question.requested") {
    await client.rejectQuestion("reject-question", event.data.question_id);
  } else if (event.type === "question.resolved") {
    console.log(event.data.status);
  } else if (event.type === "turn.ended") {
    break;
  }
}
