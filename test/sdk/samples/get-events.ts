import {
  SandboxAgent,
  type EventsQuery,
  type EventsResponse,
  type UniversalEvent,
  type UniversalEventType,
} from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("get-events", { agent: "mock" });
await client.postMessage("get-events", { message: "hello" });
const query: EventsQuery = { offset: 0, limit: 2, includeRaw: true };
let page: EventsResponse = await client.getEvents("get-events", query);
const seen: UniversalEvent[] = [...page.events];
while (!seen.some((event) => event.type === "turn.ended")) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  page = await client.getEvents("get-events", { offset: seen.at(-1)?.sequence ?? 0 });
  seen.push(...page.events);
}
const types: UniversalEventType[] = seen.map((event) => event.type);
console.log(types.join(" "), page.hasMore);
