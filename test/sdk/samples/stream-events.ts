import {
  SandboxAgent,
  type ContentPart,
  type ItemDeltaData,
  type ItemEventData,
  type UniversalEvent,
  type UniversalItem,
} from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("stream-events", { agent: "mock" });
await client.postMessage("stream-events", { message: "echo one two" });
const controller = new AbortController();
const events: AsyncGenerator<UniversalEvent, void, void> = client.streamEvents(
  "stream-events",
  { offset: 0 },
  controller.signal,
);
let deltas = "";
for await (const event of events) {
  switch (event.type) {
    case "item.delta": {
      const data = event.data as ItemDeltaData;
      deltas += data.delta;
      break;
    }
    case "item.completed": {
      const { item } = event.data as ItemEventData;
      print(item);
      break;
    }
    case "turn.ended":
      controller.abort();
      break;
  }
  if (controller.signal.aborted) break;
}
console.log(deltas);

function print(item: UniversalItem): void {
  const texts = item.content.map((part: ContentPart) =>
    part.type === "text" ? part.text : part.type,
  );
  console.log(item.role, item.kind, item.status, texts.join());
}
