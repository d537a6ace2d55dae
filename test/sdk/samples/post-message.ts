import { SandboxAgent, type MessageAttachment, type MessageRequest } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("post-message", { agent: "mock" });
const attachments: MessageAttachment[] = [{ path: "/etc/hostname", mime: "text/plain" }];
const request: MessageRequest = { message: "hello", attachments };
const accepted: void = await client.postMessage("post-message", request);
console.log(accepted);
