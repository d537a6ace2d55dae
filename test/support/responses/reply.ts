import { setTimeout as sleep } from "node:timers/promises";
import type { ModelUsage, Part, Reply } from "../model-script.ts";
import { ResponseStream } from "./stream.ts";
import type { AnswerContext } from "./stream.ts";
import { hostedCall, toolCall } from "./tool-call.ts";

const defaultUsage: ModelUsage = {
  input_tokens: 100,
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 30,
  output_tokens: 42,
};

/** Plays a reply as a stream of Responses API events. */
export async function streamReply(reply: Reply, context: AnswerContext): Promise<void> {
  const stream = new ResponseStream(context);
  await stream.start();
  for (const part of reply.parts) {
    if (await play(part, stream, context)) return;
  }
  await stream.endItem();
  await end(reply, stream);
  context.response.end();
}

/** Plays one part and says whether the stream is over. */
async function play(part: Part, stream: ResponseStream, context: AnswerContext): Promise<boolean> {
  const { response, gates, signal } = context;
  switch (part.part) {
    case "text":
    case "thinking":
      await stream.words(part.part, part.text, part.gapMs);
      return false;
    case "tool": {
      const hosted = hostedCall(part.name, part.input);
      if (hosted) await stream.hosted(hosted);
      else await stream.call(toolCall(context.body, part.name, part.input));
      return false;
    }
    case "endBlock":
      await stream.endItem();
      return false;
    case "hold":
      await gates.pass(part.name, () => stream.ping(), signal);
      return false;
    case "cut":
      // The pause is part of the fault: destroy() drops unsent bytes, and a client drops unread ones.
      await sleep(50, undefined, { signal });
      response.destroy();
      return true;
    case "malformed":
      response.end("event: response.output_text.delta\ndata: {not json\n\n");
      return true;
    case "streamError": {
      const error = { code: part.type, message: part.message };
      await stream.send("response.failed", { response: { ...stream.response("failed"), error } });
      response.end();
      return true;
    }
  }
}

async function end(reply: Reply, stream: ResponseStream): Promise<void> {
  const usage = usageOf(reply);
  const reason = incompleteReason(reply);
  if (reason === undefined) {
    const response = { ...stream.response("completed"), usage };
    return stream.send("response.completed", { response });
  }
  const incomplete_details = { reason };
  const response = { ...stream.response("incomplete"), incomplete_details, usage };
  await stream.send("response.incomplete", { response });
}

function incompleteReason({ stopReason }: Reply): string | undefined {
  if (stopReason === "max_tokens") return "max_output_tokens";
  return stopReason === "refusal" ? "content_filter" : undefined;
}

/** The counts of a reply as this API gives them: what was cached is part of the input. */
function usageOf(reply: Reply) {
  const usage = { ...defaultUsage, ...reply.usage };
  const input_tokens =
    usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
  const reasoning_tokens = reply.parts.some(({ part }) => part === "thinking") ? 7 : 0;
  return {
    input_tokens,
    input_tokens_details: {
      cached_tokens: usage.cache_read_input_tokens,
      cache_write_tokens: usage.cache_creation_input_tokens,
    },
    output_tokens: usage.output_tokens,
    output_tokens_details: { reasoning_tokens },
    total_tokens: input_tokens + usage.output_tokens,
  };
}
