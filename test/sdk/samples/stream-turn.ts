import { SandboxAgent } from "sandbox-agent";

const client = await SandboxAgent.connect({
  baseUrl: process.env.SANDBOX_URL ?? "",
  token: process.env.SANDBOX_TOKEN,
});

await client.createSession("stream-turn", { agent: "mock" });
const types: string[] = [];
for await (const event of client.streamTurn(
  "stream-turn",
  { message: "Reply with exactly the single word OK." },
  { includeRaw: false },
  AbortSignal.timeout(20_000),
)) {
  types.push(event.type);
}
console.log(types.join(" "));
