import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AgentOutput } from "../../../src/agents/agent.ts";
import { createStyle } from "../../../src/cli/render/style.ts";
import { Transcript, type TranscriptOptions } from "../../../src/cli/render/transcript.ts";
import type { UniversalEvent } from "../../../src/schema/event.ts";
import { openFake, openMock, readEvents, text, untilEvent } from "../../support/session-events.ts";

const fixtures = join(import.meta.dirname, "../../fixtures");
const plain = createStyle({}, {});
const coloured = createStyle({}, { FORCE_COLOR: "1" });

/** What recorded agents did, each recording for something that is shown in a way of its own. */
const recordings: [agent: string, recording: string][] = [
  ["claude", "tool-allowed"],
  ["claude", "tool-rejected"],
  ["claude", "write-edit-read"],
  ["claude", "thinking"],
  ["claude", "todo"],
  ["claude", "subagent"],
  ["claude", "subagent-parallel"],
  ["claude", "parallel-tools"],
  ["claude", "plan-approved"],
  ["claude", "question-answered"],
  ["claude", "exit-code-3"],
  ["claude", "long-output"],
  ["claude", "mcp"],
  ["claude", "error-500-recovers"],
  ["claude", "error-401"],
  ["claude", "cut"],
  ["claude", "background-command"],
  ["codex", "write"],
  ["codex", "ticking-output"],
  ["codex", "plan"],
  ["codex", "codemode-subagent"],
  ["codex", "web-search"],
  ["opencode", "write"],
  ["opencode", "todo"],
  ["opencode", "subagent"],
  ["opencode", "error-401"],
  ["amp", "write"],
  ["amp", "parallel"],
  ["amp", "error-credits"],
];

/** The events of a session in which an agent says, after a message, what was recorded of it. */
async function recorded(agent: string, recording: string): Promise<UniversalEvent[]> {
  const file = join(fixtures, agent, `${recording}.events.json`);
  const outputs = JSON.parse(readFileSync(file, "utf8")) as AgentOutput[];
  const { session } = openFake();
  await using _session = session;
  session.post(text("go"));
  session.receive(outputs);
  await session.terminate();
  return readEvents(session.log);
}

function shown(events: UniversalEvent[], style = plain, options: TranscriptOptions = {}): string {
  const transcript = new Transcript(style, options);
  const written = events.map((event) => transcript.render(event)).join("") + transcript.end();
  return written.replaceAll(/\d+\.\d s/g, "0.0 s").replaceAll(/(?<=image ).*\//g, "");
}

describe("what agents do is shown as it is written down", () => {
  // After a change that is meant: `vitest -u`, and read the difference.
  it.each(recordings)("%s: %s", async (agent, recording) => {
    const written = shown(await recorded(agent, recording));
    await expect(written).toMatchFileSnapshot(join(fixtures, "cli", `${agent}-${recording}.txt`));
  });
});

it("everything that the mock agent shows is shown", async () => {
  await using session = await openMock();
  session.post(text("demo"));
  await untilEvent(session.log, ({ type }) => type === "turn.ended");
  await session.terminate();
  const written = shown(readEvents(session.log));
  expect(written).not.toContain("may not see");
  await expect(written).toMatchFileSnapshot(join(fixtures, "cli/mock-demo.txt"));
});

it("without its pieces a text is the one that came in pieces", async () => {
  const events = await recorded("claude", "thinking");
  const pieces = events.filter(({ type }) => type === "item.delta").length;
  expect(pieces).toBeGreaterThan(5);
  expect(shown(events)).toContain("Let me think about this.\n\nThe answer is 4.\n");
});

it("what a text adds is shown at once", async () => {
  const events = await recorded("claude", "thinking");
  const transcript = new Transcript(plain, { sent: false });
  const written = events.map((event) => transcript.render(event)).filter((part) => part !== "");
  expect(written.slice(0, 6)).toEqual(["Let ", "me ", "think ", "about ", "this.", "\n"]);
});

it("with colours, nothing but colours is added", async () => {
  for (const [agent, recording] of recordings) {
    const events = await recorded(agent, recording);
    const written = shown(events, coloured);
    // eslint-disable-next-line no-control-regex
    expect(written.replaceAll(/\u001b\[\d+m/g, "")).toBe(shown(events));
  }
  const written = shown(await recorded("claude", "write-edit-read"), coloured);
  expect(written).toContain("\u001b[31m-line two\u001b[39m");
  expect(written).toContain("\u001b[32m+line 2\u001b[39m");
});

it("what the reader sent himself, and what somebody else asks him, can be left out", async () => {
  await using session = await openMock();
  session.post(text("permission"));
  await untilEvent(session.log, ({ type }) => type === "permission.requested");
  const events = readEvents(session.log);
  expect(shown(events)).toContain("> permission\n");
  expect(shown(events)).toContain("asks for permission");
  expect(shown(events, plain, { sent: false, requests: false })).toBe("");
});

it("nothing that an agent says drives the terminal", async () => {
  const evil = "\u001b]0;owned\u0007\u001b[2J\u009b31m\rHIDDEN\b\u202etxt";
  const part = { type: "text", text: evil } as const;
  const item = { nativeId: "m", kind: "message", role: "assistant", status: "completed" } as const;
  const outputs: AgentOutput[] = [
    { type: "item.delta", nativeId: "m", delta: evil },
    { type: "item.completed", item: { ...item, content: [part] } },
    {
      type: "item.completed",
      item: {
        ...item,
        nativeId: "t",
        kind: "tool_call",
        content: [
          {
            type: "tool_call",
            name: evil,
            arguments: JSON.stringify({ command: evil }),
            call_id: "t",
          },
        ],
      },
    },
    {
      type: "item.completed",
      item: {
        ...item,
        nativeId: "r",
        kind: "tool_result",
        role: "tool",
        content: [
          { type: "tool_result", call_id: "t", output: evil },
          {
            type: "file_ref",
            path: evil,
            action: "patch",
            diff: `@@ -1 +1 @@\n-${evil}\n+${evil}\n`,
          },
          { type: "status", label: evil, detail: evil },
          { type: "plan", entries: [{ content: evil, status: "pending" }] },
          { type: "image", path: evil, mime: null },
          { type: "json", json: { evil } },
          { type: "reasoning", text: evil, visibility: "public" },
        ],
      },
    },
    { type: "error", error: { message: evil, code: evil, details: null } },
    {
      type: "permission.requested",
      request: {
        id: evil,
        action: evil,
        memoryKey: "",
        metadata: { command: evil, paths: [evil], diff: evil, reason: evil, tool: evil },
      },
    },
    {
      type: "question.requested",
      request: {
        id: evil,
        questions: [
          { question: evil, multi_select: false, options: [{ label: evil, description: evil }] },
        ],
        metadata: { kind: "plan", plan: evil },
      },
    },
    { type: "unparsed", error: evil, location: evil },
    {
      type: "turn.ended",
      outcome: { status: "failed", error: { code: evil, message: evil }, stop_reason: evil },
    },
  ];
  const { session } = openFake();
  await using _session = session;
  session.post(text(evil));
  session.receive(outputs);
  await session.terminate();
  const written = shown(readEvents(session.log));
  expect(written.length).toBeGreaterThan(500);
  // eslint-disable-next-line no-control-regex
  expect(written.match(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/g)).toBeNull();
});
