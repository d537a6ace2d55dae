import { describe, expect, it } from "vitest";
import { startModelServer } from "./model-server.ts";
import type { ModelServer } from "./model-server.ts";
import { cut, drop, endBlock, hold, httpError, malformed, repeat } from "./model-script.ts";
import { reply, streamError, text, thinking, tool } from "./model-script.ts";
import { collectAll, readSse } from "./sse.ts";

type Message = { role: string; content: unknown };
type Event = { type: string; [member: string]: unknown };
type BlockEvent = {
  type: string;
  index: number;
  content_block: { type: string };
  delta?: { text?: string; thinking?: string; partial_json?: string };
};

function user(content: unknown): Message {
  return { role: "user", content };
}

function body(messages: Message[], more: Record<string, unknown> = {}) {
  return { model: "m", max_tokens: 9, tools: [{ name: "Bash" }], messages, ...more };
}

function post(server: ModelServer, messages: Message[], more: Record<string, unknown> = {}) {
  const { signal = null, ...members } = more as { signal?: AbortSignal };
  return fetch(`${server.url}/v1/messages?beta=true`, {
    method: "POST",
    headers: { "x-claude-code-session-id": "s1" },
    body: JSON.stringify(body(messages, members)),
    signal,
  });
}

async function* stream(server: ModelServer, messages: Message[], signal?: AbortSignal) {
  const frames = readSse(`${server.url}/v1/messages`, {
    method: "POST",
    body: body(messages, { stream: true }),
    ...(signal && { signal }),
  });
  for await (const { data = "" } of frames) yield JSON.parse(data) as Event;
}

async function words(server: ModelServer, messages: Message[]): Promise<string> {
  const response = await post(server, messages);
  const { content } = (await response.json()) as { content: { text?: string }[] };
  return content.map((block) => block.text).join("|");
}

describe("the scripted model", () => {
  it("streams thinking, text and parallel tool calls as the blocks of one message", async () => {
    await using server = await startModelServer();
    server.script("all", [
      reply([
        thinking("Let me see."),
        text("One "),
        text("block."),
        endBlock(),
        text("Two."),
        tool("Bash", { command: "ls" }),
        tool("Read", { file_path: "/x" }),
      ]),
    ]);
    const events = await collectAll(stream(server, [user("@@all@@")]));

    const blocks: string[] = [];
    for (const event of events) {
      const { type, index, content_block: block, delta = {} } = event as BlockEvent;
      if (type === "content_block_start") blocks[index] = `${block.type} `;
      if (type === "content_block_delta") {
        blocks[index] += delta.text ?? delta.thinking ?? delta.partial_json ?? "";
      }
    }
    expect(blocks).toEqual([
      "thinking Let me see.",
      "text One block.",
      "text Two.",
      'tool_use {"command":"ls"}',
      'tool_use {"file_path":"/x"}',
    ]);
    expect(events.map(({ type }) => type).filter((type) => !type.includes("delta"))).toEqual([
      "message_start",
      ...blocks.flatMap(() => ["content_block_start", "content_block_stop"]),
      "message_stop",
    ]);
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "tool_use" } });
  });

  it("gives the same content to a caller that wants no stream, cut or not", async () => {
    await using server = await startModelServer();
    server.script("mix", [reply([text("a "), text("b"), endBlock(), text("c"), cut()])]);
    expect(await words(server, [user("@@mix@@")])).toBe("a b|c");
  });

  it("takes the step from the assistant replies since the newest tagged text", async () => {
    await using server = await startModelServer();
    server.script("count", [reply("zero"), reply("one"), reply("last")]);
    const said = { role: "assistant", content: "x" };
    const result = user([{ type: "tool_result", tool_use_id: "t", content: "@@other@@ text" }]);
    const start = [user("@@text@@"), said, user([{ type: "text", text: "now @@count@@" }])];
    expect(await words(server, start)).toBe("zero");
    expect(await words(server, [...start, said, result])).toBe("one");
    expect(await words(server, [...start, said, result, said, said, result, said])).toBe("last");
    expect(server.requests.map(({ script, step }) => [script, step])).toEqual([
      ["count", 0],
      ["count", 1],
      ["count", 3],
    ]);
  });

  it("answers requests without tools or script harmlessly and does not count the former", async () => {
    await using server = await startModelServer();
    const title = await post(server, [user("@@e500@@")], { tools: [] });
    expect(title.status).toBe(200);
    expect(server.requests).toEqual([]);
    expect(await words(server, [user("@@nobody@@")])).toContain("Hello");
    expect(server.requests).toHaveLength(1);
  });

  it("tells what results the tools gave", async () => {
    await using server = await startModelServer();
    const result = { type: "tool_result", tool_use_id: "t1", is_error: true };
    await post(server, [user([{ ...result, content: [{ type: "text", text: "no" }] }])]);
    expect(server.toolResults()).toEqual([{ toolUseId: "t1", text: "no", isError: true }]);
  });

  it.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [403, "permission_error"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [529, "overloaded_error"],
  ])("fails with status %d and type %s", async (status, type) => {
    await using server = await startModelServer();
    server.script("fail", [httpError(status, { retryAfterSeconds: 1 })]);
    const response = await post(server, [user("@@fail@@")]);
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ type: "error", error: { type } });
  });

  it("recovers after as many failures as wanted, at each point of a conversation anew", async () => {
    await using server = await startModelServer();
    server.script("flaky", [repeat(2, httpError(500), reply("fine"))]);
    const statuses = async (messages: Message[]) => {
      const seen: number[] = [];
      for (let i = 0; i < 3; i += 1) seen.push((await post(server, messages)).status);
      return seen;
    };
    const first = [user("@@flaky@@")];
    expect(await statuses(first)).toEqual([500, 500, 200]);
    const later = [...first, { role: "assistant", content: "fine" }, user("@@flaky@@")];
    expect(await statuses(later)).toEqual([500, 500, 200]);
  });

  it("cuts a stream after what it has said and drops a connection before it says anything", async () => {
    await using server = await startModelServer();
    server.script("cut", [reply([text("one two three"), cut()])]);
    server.script("drop", [drop()]);
    const seen: Event[] = [];
    const reading = (async () => {
      for await (const event of stream(server, [user("@@cut@@")])) seen.push(event);
    })();
    await expect(reading).rejects.toThrow();
    expect(seen.filter(({ type }) => type === "content_block_delta")).toHaveLength(3);
    await expect(post(server, [user("@@drop@@")])).rejects.toThrow();
  });

  it("sends an error or what is no JSON in the middle of a stream", async () => {
    await using server = await startModelServer();
    server.script("over", [reply([text("one "), streamError()])]);
    server.script("garbage", [reply([text("one "), malformed()])]);
    const events = await collectAll(stream(server, [user("@@over@@")]));
    expect(events.at(-1)).toMatchObject({ type: "error", error: { type: "overloaded_error" } });
    await expect(collectAll(stream(server, [user("@@garbage@@")]))).rejects.toThrow(SyntaxError);
  });

  it("sends the stop reason and usage of the script", async () => {
    await using server = await startModelServer();
    server.script("stop", [
      reply("no", { stopReason: "refusal", usage: { input_tokens: 7, output_tokens: 8 } }),
    ]);
    const [start, , , , delta] = await collectAll(stream(server, [user("@@stop@@")]));
    expect(start).toMatchObject({ message: { usage: { input_tokens: 7 } } });
    expect(delta).toMatchObject({
      delta: { stop_reason: "refusal" },
      usage: { output_tokens: 8 },
    });
  });

  it("holds streams open until the test releases them, and later ones not at all", async () => {
    await using server = await startModelServer();
    server.script("held", [reply([text("before "), hold("here"), text("after")])]);
    const seen: Event[] = [];
    const read = async () => {
      for await (const event of stream(server, [user("@@held@@")])) seen.push(event);
    };
    const deltas = () => seen.filter(({ type }) => type === "content_block_delta").length;
    const reading = Promise.all([read(), read()]);
    await server.reached("here", { times: 2 });
    await expect.poll(deltas).toBe(2);
    expect(seen.some(({ type }) => type === "message_stop")).toBe(false);
    server.release("here");
    await reading;
    expect(deltas()).toBe(4);
    await read();
    expect(deltas()).toBe(6);
  });

  it("fails a wait for a point that no stream reaches and says which were reached", async () => {
    await using server = await startModelServer();
    server.script("held", [reply([hold("here")])]);
    const leave = new AbortController();
    const reading = collectAll(stream(server, [user("@@held@@")], leave.signal));
    await server.reached("here");
    const waiting = server.reached("there", { signal: AbortSignal.timeout(10) });
    await expect(waiting).rejects.toThrow('No stream reached "there". Reached: here 1x.');
    leave.abort();
    await expect(reading).rejects.toThrow();
  });

  it("ends every open stream when it is disposed of", async () => {
    const server = await startModelServer();
    const hanging = collectAll(stream(server, [user("@@hang@@")]));
    const slow = collectAll(stream(server, [user("@@slow@@")]));
    const ends = Promise.allSettled([hanging, slow]);
    await server.reached("hang");
    await server[Symbol.asyncDispose]();
    expect((await ends).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it("counts tokens, lists models and knows no other route", async () => {
    await using server = await startModelServer();
    const count = await fetch(`${server.url}/v1/messages/count_tokens`, { method: "POST" });
    expect(await count.json()).toEqual({ input_tokens: 10 });
    const models = await fetch(`${server.url}/v1/models`);
    expect(await models.json()).toMatchObject({ data: [{ type: "model" }, { type: "model" }] });
    expect((await fetch(`${server.url}/v1/other`)).status).toBe(404);
    expect((await post(server, [{ role: "user", content: 3 }])).status).toBe(400);
  });
});
