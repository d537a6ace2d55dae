import { setTimeout as sleep } from "node:timers/promises";
import type { ModelUsage, Part, Reply } from "./model-script.ts";
import { emptyMessage, MessageStream, signature, toolUseId } from "./model-stream.ts";
import type { AnswerContext } from "./model-stream.ts";

const defaultUsage: ModelUsage = {
  input_tokens: 100,
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 30,
  output_tokens: 42,
};

/** Plays a reply as a stream of Messages API events. */
export async function streamReply(reply: Reply, context: AnswerContext): Promise<void> {
  const stream = new MessageStream(context);
  const usage = { ...defaultUsage, ...reply.usage };
  await stream.start(usage);
  for (const part of reply.parts) {
    if (await play(part, stream, context)) return;
  }
  await stream.endBlock();
  await stream.send("message_delta", {
    delta: { stop_reason: stopReason(reply), stop_sequence: null },
    usage: { output_tokens: usage.output_tokens },
  });
  await stream.send("message_stop", {});
  context.response.end();
}

/** Answers a request that did not ask for a stream: the same content, without mishaps. */
export async function sendReply(reply: Reply, context: AnswerContext): Promise<void> {
  for (const part of reply.parts) {
    if (part.part === "hold") await context.gates.pass(part.name, () => {}, context.signal);
  }
  const message = {
    ...emptyMessage(context),
    content: contentOf(reply, context.number),
    stop_reason: stopReason(reply),
    usage: { ...defaultUsage, ...reply.usage },
  };
  context.response.setHeader("content-type", "application/json").end(JSON.stringify(message));
}

/** Plays one part and says whether the stream is over. */
async function play(part: Part, stream: MessageStream, context: AnswerContext): Promise<boolean> {
  const { response, gates, signal } = context;
  switch (part.part) {
    case "text":
    case "thinking":
      await stream.words(part.part, part.text, part.gapMs);
      return false;
    case "tool":
      await stream.tool(part.name, part.input);
      return false;
    case "endBlock":
      await stream.endBlock();
      return false;
    case "hold":
      await gates.pass(part.name, () => stream.ping(), signal);
      return false;
    case "cut":
      // The pause is part of the fault: destroy() drops unsent bytes, and a client drops unread ones.
      await sleep(250, undefined, { signal });
      response.destroy();
      return true;
    case "malformed":
      response.end("event: content_block_delta\ndata: {not json\n\n");
      return true;
    case "streamError":
      await stream.send("error", { error: { type: part.type, message: part.message } });
      response.end();
      return true;
  }
}

function stopReason(reply: Reply): string {
  const callsTool = reply.parts.some(({ part }) => part === "tool");
  return reply.stopReason ?? (callsTool ? "tool_use" : "end_turn");
}

function contentOf(reply: Reply, number: number): Record<string, unknown>[] {
  const content: Record<string, unknown>[] = [];
  let open: string | undefined;
  for (const part of reply.parts) {
    const last = content.at(-1);
    if (part.part === "text" || part.part === "thinking") {
      if (open === part.part && last) last[open] = `${String(last[open])}${part.text}`;
      else if (part.part === "text") content.push({ type: "text", text: part.text });
      else content.push({ type: "thinking", thinking: part.text, signature });
      open = part.part;
    } else if (part.part === "tool") {
      const id = toolUseId(number, content.length);
      content.push({ type: "tool_use", id, name: part.name, input: part.input });
      open = undefined;
    } else if (part.part === "endBlock") open = undefined;
  }
  return content;
}
