import { SandboxAgent } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("get-events-sse", { agent: "mock" });
const controller = new AbortController();
const query = { offset: 0, includeRaw: false };
const response: Response = await client.getEventsSse("get-events-sse", query, controller.signal);
const reader = response.body?.getReader();
const chunk = await reader?.read();
console.log(
  response.headers.get("content-type"),
  new TextDecoder().decode(chunk?.value).slice(0, 13),
);
controller.abort();
