import {
  SandboxAgent,
  type QuestionEventData,
  type QuestionReplyRequest,
  type QuestionStatus,
} from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("reply-question", { agent: "mock" });
await client.postMessage("reply-question", { message: "question" });
for await (const event of client.streamEvents("reply-question")) {
  if (event.type === "question.requested") {
    const question = event.data as QuestionEventData;
    const request: QuestionReplyRequest = { answers: [[question.options[0] ?? ""]] };
    await client.replyQuestion("reply-question", question.question_id, request);
  } else if (event.type === "question.resolved") {
    const status: QuestionStatus = event.data.status;
    console.log(event.data.prompt, status, event.data.response);
  } else if (event.type === "turn.ended") {
    break;
  }
}
