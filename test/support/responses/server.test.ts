import { describe, expect, it } from "vitest";
import { cut, drop, endBlock, hold, httpError, malformed, repeat } from "../model-script.ts";
import { reply, streamError, text, thinking, tool } from "../model-script.ts";
import { collectAll, readSse } from "../sse.ts";
import { startResponsesServer } from "./server.ts";
import type { ResponsesServer } from "./server.ts";

type Item = Record<string, unknown>;
type Event = {
  type: string;
  delta?: string;
  item?: { type: string; content?: { text: string }[] };
  response?: { output: Item[]; [member: string]: unknown };
};

const shell = { type: "function", name: "exec_command" };

function user(text: string): Item {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}

function said(text: string): Item {
  return { type: "message", role: "assistant", content: [{ type: "output_text", text }] };
}

function called(id: string): Item {
  return { type: "function_call", call_id: id, name: "exec_command", arguments: "{}" };
}

function output(id: string, text: string): Item {
  return { type: "function_call_output", call_id: id, output: text };
}

function body(input: Item[], more: Item = {}) {
  return { model: "m", stream: true, tools: [shell], input, ...more };
}

function post(server: ResponsesServer, content: unknown, headers: Record<string, string> = {}) {
  return fetch(`${server.url}/responses`, {
    method: "POST",
    headers,
    body: JSON.stringify(content),
  });
}

async function* stream(server: ResponsesServer, input: Item[], more: Item = {}) {
  const { signal, ...members } = more as { signal?: AbortSignal };
  const frames = readSse(`${server.url}/responses`, {
    method: "POST",
    body: body(input, members),
    ...(signal && { signal }),
  });
  for await (const { data } of frames) {
    // A comment keeps the stream open and is no event.
    if (data !== undefined) yield JSON.parse(data) as Event;
  }
}

async function outputOf(server: ResponsesServer, input: Item[], more?: Item): Promise<Item[]> {
  const events = await collectAll(stream(server, input, more));
  return events.at(-1)?.response?.output ?? [];
}

async function words(server: ResponsesServer, input: Item[]): Promise<string> {
  const texts: string[] = [];
  for await (const { type, delta = "" } of stream(server, input)) {
    if (type === "response.output_text.delta") texts.push(delta);
  }
  return texts.join("");
}

describe("the scripted Responses API", () => {
  it("streams thinking, text and parallel calls as the output items of one response", async () => {
    await using server = await startResponsesServer();
    server.script("all", [
      reply([
        thinking("Let me see."),
        text("One "),
        text("block."),
        endBlock(),
        text("Two."),
        tool("exec_command", { cmd: "ls" }),
        tool("exec_command", { cmd: "pwd" }),
      ]),
    ]);
    const events = await collectAll(stream(server, [user("@@all@@")]));
    const end = events.at(-1);
    expect(end?.type).toBe("response.completed");
    expect(end?.response?.output).toMatchObject([
      { type: "reasoning", summary: [{ text: "Let me see." }] },
      { type: "message", content: [{ text: "One block." }] },
      { type: "message", content: [{ text: "Two." }] },
      { type: "function_call", call_id: "call_1_3", arguments: '{"cmd":"ls"}' },
      { type: "function_call", call_id: "call_1_4", arguments: '{"cmd":"pwd"}' },
    ]);
    const done = events.filter(({ type }) => type === "response.output_item.done");
    expect(done.map(({ item }) => item)).toEqual(end?.response?.output);
    const deltas = events.filter(({ type }) => type === "response.output_text.delta");
    expect(deltas.map(({ delta }) => delta)).toEqual(["One ", "block.", "Two."]);
  });

  it("takes the step from the model's answers since the newest tagged text", async () => {
    await using server = await startResponsesServer();
    server.script("count", [reply("zero"), reply("one"), reply("last")]);
    const start = [user("@@text@@"), said("x"), user("now @@count@@")];
    const two = [said("x"), called("a"), called("b"), output("a", "@@other@@"), output("b", "")];
    expect(await words(server, start)).toBe("zero");
    expect(await words(server, [...start, ...two])).toBe("one");
    expect(await words(server, [...start, ...two, ...two, ...two])).toBe("last");
    expect(server.requests.map(({ script, step }) => [script, step])).toEqual([
      ["count", 0],
      ["count", 1],
      ["count", 3],
    ]);
  });

  it("follows a task that another agent has sent in sealed text", async () => {
    await using server = await startResponsesServer();
    const sealed = { type: "encrypted_content", encrypted_content: "@@think@@" };
    const content = [{ type: "input_text", text: "NEW_TASK" }, sealed];
    expect(await words(server, [{ type: "agent_message", content }])).toBe("The answer is 4.");
  });

  it.each([
    ["as a function", { tools: [shell] }, { type: "function_call", name: "exec_command" }],
    [
      "with free text",
      { tools: [{ type: "custom", name: "exec_command" }] },
      { type: "custom_tool_call", name: "exec_command", input: "ls" },
    ],
    [
      "in its namespace",
      { tools: [{ type: "namespace", name: "tools", tools: [shell] }] },
      { type: "function_call", name: "exec_command", namespace: "tools" },
    ],
    [
      "from a program",
      { tools: [{ type: "namespace", name: "f", tools: [{ type: "custom", name: "exec" }] }] },
      { namespace: "f", input: 'text(await tools.exec_command("ls"));\n' },
    ],
  ])("calls a tool %s where the request offers that", async (_how, more, call) => {
    await using server = await startResponsesServer();
    server.script("call", [reply([tool("exec_command", { input: "ls" })])]);
    expect(await outputOf(server, [user("@@call@@")], more)).toMatchObject([call]);
  });

  it("finds the tools that stand among the input items", async () => {
    await using server = await startResponsesServer();
    const tools = [{ type: "custom", name: "exec" }];
    const input = [{ type: "additional_tools", tools }, user("@@bash@@")];
    const [, call] = await outputOf(server, input, { tools: [] });
    expect(call).toMatchObject({ type: "custom_tool_call", name: "exec" });
  });

  it("calls a tool of a namespace that the request does not offer yet", async () => {
    await using server = await startResponsesServer();
    const call = { type: "function_call", name: "echo", namespace: "mcp__tiny" };
    expect(await outputOf(server, [user("@@mcp@@")])).toMatchObject([call]);
  });

  it("answers requests without tools or script harmlessly and does not count the former", async () => {
    await using server = await startResponsesServer();
    const title = await post(server, body([user("@@e500@@")], { tools: [] }));
    expect(title.status).toBe(200);
    expect(server.requests).toEqual([]);
    expect(await words(server, [user("@@nobody@@")])).toContain("Hello");
    expect(server.requests).toHaveLength(1);
  });

  it("keeps the headers of requests and tells what the tools gave", async () => {
    await using server = await startResponsesServer();
    const input = [user("x"), called("c1"), output("c1", "first")];
    const texts = [{ type: "input_text", text: "second" }];
    const custom = { type: "custom_tool_call_output", call_id: "c2", output: texts };
    await post(server, body([...input, custom]), { authorization: "Bearer k" });
    expect(server.requests[0]?.headers.authorization).toBe("Bearer k");
    expect(server.toolOutputs()).toEqual([
      { callId: "c1", text: "first" },
      { callId: "c2", text: "second" },
    ]);
  });

  it.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [403, "permission_error"],
    [429, "rate_limit_error"],
    [500, "server_error"],
    [503, "overloaded_error"],
  ])("fails with status %d and type %s", async (status, type) => {
    await using server = await startResponsesServer();
    server.script("fail", [httpError(status, { retryAfterSeconds: 1 })]);
    const response = await post(server, body([user("@@fail@@")]));
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ error: { type } });
  });

  it("recovers after as many failures as wanted, for each thread and point anew", async () => {
    await using server = await startResponsesServer();
    server.script("flaky", [repeat(2, httpError(500), reply("fine"))]);
    const statuses = async (input: Item[], thread: string) => {
      const seen: number[] = [];
      for (let i = 0; i < 3; i += 1) {
        seen.push((await post(server, body(input), { "thread-id": thread })).status);
      }
      return seen;
    };
    const first = [user("@@flaky@@")];
    expect(await statuses(first, "a")).toEqual([500, 500, 200]);
    expect(await statuses(first, "b")).toEqual([500, 500, 200]);
    expect(await statuses([...first, said("fine"), ...first], "a")).toEqual([500, 500, 200]);
  });

  it("cuts a stream after what it has said and drops a connection before it says anything", async () => {
    await using server = await startResponsesServer();
    server.script("cut", [reply([text("one two three"), cut()])]);
    server.script("drop", [drop()]);
    const seen: Event[] = [];
    const reading = (async () => {
      for await (const event of stream(server, [user("@@cut@@")])) seen.push(event);
    })();
    await expect(reading).rejects.toThrow();
    expect(seen.filter(({ delta }) => delta !== undefined)).toHaveLength(3);
    await expect(post(server, body([user("@@drop@@")]))).rejects.toThrow();
  });

  it("sends a failure or what is no JSON in the middle of a stream", async () => {
    await using server = await startResponsesServer();
    server.script("over", [reply([text("one "), streamError("server_is_overloaded", "full")])]);
    server.script("garbage", [reply([text("one "), malformed()])]);
    const events = await collectAll(stream(server, [user("@@over@@")]));
    expect(events.at(-1)).toMatchObject({
      type: "response.failed",
      response: { error: { code: "server_is_overloaded", message: "full" } },
    });
    await expect(collectAll(stream(server, [user("@@garbage@@")]))).rejects.toThrow(SyntaxError);
  });

  it.each([
    ["max_tokens", "response.incomplete", { reason: "max_output_tokens" }],
    ["refusal", "response.incomplete", { reason: "content_filter" }],
    ["end_turn", "response.completed", undefined],
  ] as const)("ends a reply that stops for %s with %s", async (stopReason, type, details) => {
    await using server = await startResponsesServer();
    const usage = { input_tokens: 7, cache_read_input_tokens: 2, output_tokens: 8 };
    server.script("stop", [reply("no", { stopReason, usage })]);
    const end = (await collectAll(stream(server, [user("@@stop@@")]))).at(-1);
    expect(end?.type).toBe(type);
    expect(end?.response?.["incomplete_details"]).toEqual(details);
    expect(end?.response?.["usage"]).toMatchObject({
      input_tokens: 29,
      input_tokens_details: { cached_tokens: 2, cache_write_tokens: 20 },
      output_tokens: 8,
      total_tokens: 37,
    });
  });

  it("holds streams open until the test releases them, and later ones not at all", async () => {
    await using server = await startResponsesServer();
    server.script("held", [reply([text("before "), hold("here"), text("after")])]);
    const seen: Event[] = [];
    const read = async () => {
      for await (const event of stream(server, [user("@@held@@")])) seen.push(event);
    };
    const deltas = () => seen.filter(({ delta }) => delta !== undefined).length;
    const reading = Promise.all([read(), read()]);
    await server.reached("here", { times: 2 });
    await expect.poll(deltas).toBe(2);
    server.release("here");
    await reading;
    expect(deltas()).toBe(4);
    await read();
    expect(deltas()).toBe(6);
  });

  it("ends every open stream when it is disposed of", async () => {
    const server = await startResponsesServer();
    const hanging = collectAll(stream(server, [user("@@hang@@")]));
    const slow = collectAll(stream(server, [user("@@slow@@")]));
    const ends = Promise.allSettled([hanging, slow]);
    await server.reached("hang");
    await server[Symbol.asyncDispose]();
    expect((await ends).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it("lists models, knows no other route and refuses what is no streamed request", async () => {
    await using server = await startResponsesServer();
    const models = await fetch(`${server.url}/models`);
    expect(await models.json()).toMatchObject({ data: [{ object: "model" }, { object: "model" }] });
    expect((await fetch(`${server.url}/other`)).status).toBe(404);
    expect((await post(server, body([], { stream: false }))).status).toBe(400);
    expect((await post(server, { model: "m" })).status).toBe(400);
  });
});
