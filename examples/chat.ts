import { createInterface } from "node:readline/promises";
import { SandboxAgent } from "sandbox-agent";
import { after, type Conversation, empty, type Request } from "./conversation.ts";

// A chat in the terminal. What a page would render, it prints: `conversation` is all that it needs.
const [baseUrl = "http://127.0.0.1:2468", agent = "mock", id = "chat"] = process.argv.slice(2);
const client = await SandboxAgent.connect({ baseUrl, token: process.env["SANDBOX_AGENT_TOKEN"] });
const known = (await client.listSessions()).sessions.some(({ sessionId }) => sessionId === id);
const session = known ? client.session(id) : await client.openSession({ agent }, id);

let conversation: Conversation = empty;
const terminal = createInterface({ input: process.stdin, output: process.stdout });
const closed = new AbortController();
terminal.on("close", () => closed.abort());

/** Follows the log from its beginning: what was said before, and what others say in the session. */
async function follow(): Promise<void> {
  for await (const event of session.events({ offset: 0 }, closed.signal)) {
    conversation = after(conversation, event);
    if (event.type === "item.completed") {
      const id = event.data.item.item_id;
      const entry = conversation.entries.find(({ item }) => item.item_id === id);
      if (entry && entry.item.role !== "user") console.log(`${entry.item.kind}: ${entry.text}`);
    }
    if (event.type === "turn.ended") console.log(`(${event.data.metadata.status})`);
    const [open] = conversation.requests;
    if (/^(permission|question)\./.test(event.type) && open) console.log(question(open));
  }
}

function question(request: Request): string {
  if (request.type === "permission") return `May it? ${request.action} ${request.detail} [y/n]`;
  return `${request.prompt} [${request.options.join(", ")}]`;
}

/** A line answers what is open, or else is a message. */
async function take(line: string): Promise<void> {
  const [open] = conversation.requests;
  if (open?.type === "permission") {
    await session.replyPermission(open.id, line.startsWith("y") ? "once" : "reject");
  } else if (open?.type === "question") {
    await session.replyQuestion(open.id, line === "" ? null : [[line]]);
  } else if (line !== "") {
    await session.send({ message: line });
  }
}

const following = follow().catch((error: unknown) => {
  if (!closed.signal.aborted) throw error;
});
for await (const line of terminal) await take(line.trim());
await following;
