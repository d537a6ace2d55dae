import { expect, it } from "vitest";
import type { UniversalEvent } from "../../../src/schema/event.ts";
import { openMock, readEvents, text } from "../../support/session-events.ts";

async function eventsOf(message: string, includeRaw = false): Promise<UniversalEvent[]> {
  await using session = await openMock();
  await session.post(text(message)).ended;
  return readEvents(session.log, includeRaw).slice(1);
}

/** The items that are started or completed after the user's message. */
async function itemsOf(message: string) {
  const events = await eventsOf(message);
  return events
    .slice(3)
    .flatMap(({ type, data }) =>
      type === "item.started" || type === "item.completed" ? [data.item] : [],
    );
}

async function dataOf(message: string, type: UniversalEvent["type"]) {
  const events = await eventsOf(message);
  return events.filter((event) => event.type === type).map((event) => event.data);
}

async function textsOf(message: string): Promise<string[]> {
  const items = await itemsOf(message);
  return items
    .flatMap((item) => item.content)
    .flatMap((part) => (part.type === "text" ? [part.text] : []));
}

it("says a message with its text complete from the start, and as one delta", async () => {
  const [, started, completed, said, delta, end] = await eventsOf("  hello  world ");
  const user = {
    item_id: "itm_1",
    native_item_id: "mock_1_user",
    parent_id: null,
    kind: "message",
    role: "user",
    content: [{ type: "text", text: "hello  world" }],
  };
  expect(started?.data).toEqual({ item: { ...user, status: "in_progress" } });
  expect(completed?.data).toEqual({ item: { ...user, status: "completed" } });
  const reply = { ...user, item_id: "itm_2", native_item_id: "mock_1_reply", role: "assistant" };
  expect(said?.data).toEqual({ item: { ...reply, status: "in_progress" } });
  expect(delta?.data).toEqual({
    item_id: "itm_2",
    native_item_id: "mock_1_reply",
    delta: "hello  world",
  });
  expect(end?.data).toEqual({ item: { ...reply, status: "completed" } });
});

it.each([
  ["Reply with exactly the single word OK.", "OK"],
  ["Reply with exactly the word FIRST.", "FIRST"],
  ["Reply with exactly the word SECOND.", "SECOND"],
  ["echo one \t two", "one two"],
  ["say Hello", "Hello"],
])("answers %j with %j", async (message, answer) => {
  expect(await textsOf(message)).toEqual([answer, answer]);
});

it("asks what to say where `echo` stands alone", async () => {
  expect((await textsOf("echo"))[0]).toContain("`echo`");
});

it("names every command in its help", async () => {
  const [help = ""] = await textsOf("help");
  const lines = help.split("\n");
  expect(lines[0]).toMatch(/commands:$/);
  expect(lines.slice(1, -2).map((line) => /^- (\w+): ./.exec(line)?.[1])).toEqual([
    "demo",
    "markdown",
    "tool",
    "status",
    "image",
    "unknown",
    "permission",
    "question",
    "error",
    "unparsed",
    "end",
  ]);
  expect(lines.at(-2)).toBe("");
  expect(lines.at(-1)).toContain("echo");
});

it("streams a Markdown document of 450 characters, cut where it hurts", async () => {
  const deltas = (await dataOf("markdown", "item.delta")).map((data) =>
    "delta" in data ? data.delta : "",
  );
  const [placeholder, document = ""] = await textsOf("markdown");
  expect(deltas.map((delta) => delta.length)).toEqual([21, 10, 14, 21, 93, 64, 118, 109]);
  expect(deltas.join("")).toBe(document);
  expect(placeholder).not.toContain("\n");
  const cuts = deltas.slice(1).map((_, index) => {
    const at = deltas.slice(0, index + 1).join("").length;
    return `${document.slice(0, at)}|${document.slice(at)}`;
  });
  const inside = [
    /\*\*\w+\|\w+\*\*/,
    / \*\w+\|\w+\*,/,
    /\*\*\*[\w-]+\|\w+\*\*\*/,
    /~~[\w ]+\|\w+~~/,
    /\n2\|\. /,
    /\n```t\|s\n/,
    /\n\| \w+ \| \|12 \|\n/,
  ];
  for (const [index, expected] of inside.entries()) expect(cuts[index]).toMatch(expected);
  expect(document).toMatch(/^# \w.*\n\n.*\*\*\w+\*\*.*\*\*\*[\w-]+\*\*\*.*~~.+~~\n.*`.+`/);
  for (const block of [
    /\n- .+\n {2}- .+\n- /,
    /\n1\. .+\n2\. /,
    /\n> /,
    /\n```ts\n.+;\n.+;\n```\n/,
    /\n\| .+ \| .+ \|\n\| :-+ \| -+: \|\n(\| .+ \| .+ \|\n){2}/,
    /\[.+\]\(https:.+\)/,
    /\n---\n\n.+\.$/,
  ]) {
    expect(document).toMatch(block);
  }
});

it("shows reasoning, JSON and text in one message with two deltas", async () => {
  const deltas = await dataOf("Answer briefly and include your reasoning.", "item.delta");
  expect(deltas).toMatchObject([{ delta: "Mock assistant " }, { delta: "streaming delta." }]);
  const items = await itemsOf("Answer briefly and include your reasoning.");
  expect(items.map((item) => item.status)).toEqual(["in_progress", "completed"]);
  for (const { content, role } of items) {
    expect(role).toBe("assistant");
    expect(content).toEqual([
      { type: "text", text: expect.any(String) },
      { type: "reasoning", text: expect.any(String), visibility: "public" },
      { type: "reasoning", text: expect.any(String), visibility: "private" },
      { type: "json", json: { stage: "analysis", ok: true } },
    ]);
  }
});

it("shows a tool call and a result that failed, with the files it touched", async () => {
  const [call, called, result, failed] = await itemsOf("tool");
  const callParts = [
    {
      type: "tool_call",
      name: "mock.search",
      arguments: '{"query":"example"}',
      call_id: "mock_1_call",
    },
  ];
  const resultParts = [
    { type: "tool_result", call_id: "mock_1_call", output: "mock search results" },
    { type: "file_ref", path: "mock_1/readme.md", action: "read", diff: null },
    { type: "file_ref", path: "mock_1/output.txt", action: "write", diff: "+mock output\n" },
    {
      type: "file_ref",
      path: "mock_1/patch.txt",
      action: "patch",
      diff: "@@ -1,1 +1,1 @@\n-old\n+new\n",
    },
  ];
  const assistant = { role: "assistant", parent_id: null, content: callParts };
  expect(call).toMatchObject({ ...assistant, status: "in_progress" });
  expect(called).toMatchObject({ ...assistant, status: "completed" });
  const tool = { role: "tool", parent_id: null, content: resultParts };
  expect(result).toMatchObject({ ...tool, status: "in_progress" });
  expect(failed).toMatchObject({ ...tool, status: "failed" });
});

it("shows a status that changes, an image and an unknown item", async () => {
  expect(await itemsOf("status")).toMatchObject([
    { role: "assistant", content: [{ type: "status", label: "Indexing", detail: "2 files" }] },
    { role: "assistant", content: [{ type: "status", label: "Indexing", detail: "Done" }] },
  ]);
  const [image] = await itemsOf("image");
  expect(image?.content).toEqual([
    { type: "text", text: expect.stringMatching(/^.{28}$/) },
    { type: "image", path: "mock_1/image.png", mime: "image/png" },
  ]);
  const [unknown] = await itemsOf("unknown");
  expect(unknown).toMatchObject({
    kind: "unknown",
    role: "assistant",
    content: [{ type: "text" }],
  });
});

it("shows an error, and what nobody could parse with its raw payload", async () => {
  const events = await eventsOf("error", true);
  const unparsed = { error: "unsupported payload", location: "mock.stream", raw_hash: null };
  expect(events.slice(3, 5)).toMatchObject([
    {
      type: "error",
      data: { message: "Mock error event.", code: "mock_error", details: { mock: true } },
      raw: null,
    },
    { type: "agent.unparsed", data: unparsed, raw: { raw: "mock" } },
  ]);
});

it("names attached files in the text, also in the user's message", async () => {
  await using session = await openMock();
  const attachments = [{ path: "/tmp/a.txt" }, { path: "/tmp/b c.png", mime: "image/png" }];
  await session.post({ text: "look", attachments }).ended;
  const expected = "look\n\nAttachments:\n- /tmp/a.txt\n- /tmp/b c.png";
  const events = readEvents(session.log);
  expect(events[2]?.data).toMatchObject({ item: { content: [{ type: "text", text: expected }] } });
  expect(events[5]?.data).toMatchObject({ delta: expected });
});
