import { SandboxAgent, type TurnStreamQuery } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("post-message-stream", { agent: "mock" });
const query: TurnStreamQuery = { includeRaw: true };
const request = { message: "hello" };
const response = await client.postMessageStream("post-message-stream", request, query);
const text = await response.text();
console.log(text.split("\n\n").filter((frame) => frame.includes("data:")).length);
