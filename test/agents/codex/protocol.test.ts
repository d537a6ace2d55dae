import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toAsk } from "../../../src/agents/codex/ask.ts";
import { serverNotice, SILENT } from "../../../src/agents/codex/notices.ts";
import { Translator } from "../../../src/agents/codex/translate.ts";

/** All messages of the server of 0.171.0, from `codex app-server generate-json-schema`. */
const protocol = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/codex/protocol.json"), "utf8"),
) as {
  notifications: { ofThreads: string[]; ofNoThread: string[] };
  requests: string[];
  items: string[];
};

/** Members that notifications need to be understood. */
const PARAMS = {
  threadId: "thread",
  turnId: "turn",
  itemId: "item",
  delta: "word",
  stdin: "y\n",
  item: { type: "agentMessage", id: "item", text: "word" },
  plan: [],
  error: { message: "no" },
  goal: { objective: "all", status: "active" },
  run: { eventName: "stop", status: "completed" },
  review: { status: "approved" },
  message: "careful",
};

function told(method: string, params: Record<string, unknown> = PARAMS) {
  return new Translator().translate(method, params, "{}");
}

describe("each notification", () => {
  // Kept for the end of the turn, where it is told.
  const KEPT = ["thread/tokenUsage/updated"];

  it.each(protocol.notifications.ofThreads.filter((method) => !KEPT.includes(method)))(
    "of a thread is told in a form of ours, or left out on purpose: %s",
    (method) => {
      const outputs = told(method);
      expect(outputs.length > 0).toBe(!SILENT.has(method));
      expect(JSON.stringify(outputs)).not.toContain('"unknown"');
    },
  );

  it.each(protocol.notifications.ofNoThread)("of no thread is, too: %s", (method) => {
    const item = serverNotice(method, PARAMS);
    expect(item === undefined).toBe(SILENT.has(method));
    expect(item?.kind ?? "status").toBe("status");
  });

  it("that nobody knows yet is told as it is", () => {
    expect(told("thread/unheard/of")).toMatchObject([{ item: { kind: "unknown" } }]);
    expect(serverNotice("unheard/of", {})).toMatchObject({ kind: "unknown" });
  });

  it("is left out on purpose only if there is such a one", () => {
    const { ofThreads, ofNoThread } = protocol.notifications;
    expect([...SILENT].filter((method) => ![...ofThreads, ...ofNoThread].includes(method))).toEqual(
      [],
    );
  });
});

it.each([
  ["model/rerouted", "model", { fromModel: "a", toModel: "b", reason: "c" }],
  ["warning", "warning", { message: "a" }],
  ["guardianWarning", "warning", { message: "a" }],
  ["mcpServer/startupStatus/updated", "warning", { name: "a", status: "failed", error: "b" }],
  ["mcpServer/startupStatus/updated", "mcp", { name: "a", status: "ready", error: null }],
  ["thread/goal/updated", "goal", { goal: { objective: "a", status: "active" } }],
])("%s is a status item with the label %s", (method, label, params) => {
  expect(told(method, params)).toMatchObject([{ item: { content: [{ type: "status", label }] } }]);
});

describe("each kind of item", () => {
  // No tool of ours is ever called, and a bare output has no call.
  const AS_THEY_ARE = ["functionCallOutput", "dynamicToolCall"];
  const MEMBERS = {
    id: "item",
    text: "word",
    clientId: "answer",
    content: [],
    command: "ls",
    changes: [],
    server: "tiny",
    tool: "echo",
    kind: "started",
    agentThreadId: "child",
    path: "/dot.png",
    durationMs: 1,
    status: "completed",
  };

  it.each(protocol.items)("is told when it is complete: %s", (type) => {
    const outputs = told("item/completed", { item: { type, ...MEMBERS } });
    const kinds = outputs.map((output) => output.type === "item.completed" && output.item.kind);
    expect(kinds.length).toBeGreaterThan(0);
    expect(kinds.includes("unknown")).toBe(AS_THEY_ARE.includes(type));
  });
});

describe("each request", () => {
  const REFUSED = [
    "item/tool/call",
    "account/chatgptAuthTokens/refresh",
    "attestation/generate",
    "applyPatchApproval",
    "execCommandApproval",
  ];
  const ASKED = {
    itemId: "item",
    serverName: "tiny",
    message: "Well?",
    questions: [],
    permissions: {},
  };

  it.each(protocol.requests)(
    "is asked of a client, or refused as none can answer it: %s",
    (method) => {
      expect(toAsk("1", method, ASKED, undefined) === undefined).toBe(REFUSED.includes(method));
    },
  );
});

// Not shown by the real CLI on a key of the API: from the generated schema alone.
describe("a generated picture", () => {
  const item = { type: "imageGeneration", id: "item", status: "completed", revisedPrompt: "a dot" };
  const drawn = (more: object) => told("item/completed", { item: { ...item, ...more } });

  it("is a call, and a result with the picture's data", () => {
    expect(drawn({ result: "iVBORw0=" })).toMatchObject([
      { item: { kind: "tool_call", content: [{ name: "image_generation" }] } },
      {
        item: {
          kind: "tool_result",
          status: "completed",
          content: [
            { type: "tool_result" },
            { type: "image_data", data: "iVBORw0=", mime: "image/png" },
          ],
        },
      },
    ]);
    expect(JSON.stringify(drawn({ result: "/9j/4AAQ" }))).toContain("image/jpeg");
  });

  it("that the CLI has saved is referred to by its path", () => {
    expect(drawn({ fileId: "f", savedPath: "/dot.png" })[1]).toMatchObject({
      item: { content: [{ type: "tool_result" }, { type: "image", path: "/dot.png" }] },
    });
  });

  it("that failed is a failed result that says why", () => {
    const failure = { type: "moderation" };
    expect(drawn({ result: "", status: "failed", failure })[1]).toMatchObject({
      item: { status: "failed", content: [{ output: '{"type":"moderation"}' }] },
    });
  });
});
