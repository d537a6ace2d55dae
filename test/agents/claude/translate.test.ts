import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AgentOutput } from "../../../src/agents/agent.ts";
import { Translator } from "../../../src/agents/claude/translate.ts";
import { claudeGolden, translateClaude } from "../../record/claude/golden.ts";
import { assertWellFormed } from "../../support/conformance.ts";
import { openFake, readEvents, text } from "../../support/session-events.ts";

const folder = join(import.meta.dirname, "../../fixtures/claude");
const recordings = readdirSync(folder)
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => basename(name, ".jsonl"));

function linesOf(recording: string): string[] {
  return readFileSync(join(folder, `${recording}.jsonl`), "utf8")
    .split("\n")
    .filter(Boolean);
}

/** Lines that tell nothing of their own: what they hold is told by others, or by the daemon. */
const silent = [
  "command_lifecycle",
  "control_response",
  "stream_event content_block_delta", // of a tool's input or a signature; the whole block follows
  "stream_event content_block_stop",
  "stream_event message_delta",
  "stream_event message_start",
  "stream_event message_stop",
  "system init",
  "system status", // "requesting" only
  "system thinking_tokens",
];

function kindOf(raw: string): string {
  const { type, subtype, event } = JSON.parse(raw);
  return [type, type === "stream_event" ? event.type : subtype].filter(Boolean).join(" ");
}

describe("recorded lines of Claude Code", () => {
  // After an intended change of the translation: `vitest -u`, and read the difference.
  it.each(recordings)("%s become the events that are written down", async (recording) => {
    const written = claudeGolden(linesOf(recording));
    await expect(written).toMatchFileSnapshot(join(folder, `${recording}.events.json`));
  });

  it.each(recordings)("%s make a well-formed session", async (recording) => {
    const { session } = openFake();
    await using _session = session;
    for (const { handedOver, outputs } of translateClaude(linesOf(recording))) {
      if (handedOver) session.post(text("hi"));
      session.receive(outputs);
    }
    await session.terminate();
    assertWellFormed(readEvents(session.log), { ended: true });
  });

  it("are all told, but for those that tell nothing of their own", () => {
    const untold = recordings.flatMap((recording) => {
      const lines = linesOf(recording);
      return [...translateClaude(lines)].flatMap(({ outputs }, index) =>
        outputs.length === 0 ? [kindOf(lines[index] ?? "")] : [],
      );
    });
    expect([...new Set(untold)].toSorted()).toEqual(silent);
  });

  it("are the raw payload of what they become", () => {
    const lines = linesOf("tool-allowed");
    for (const [index, { outputs }] of [...translateClaude(lines)].entries()) {
      for (const { raw } of outputs) expect(raw).toBe(lines[index]);
    }
  });
});

function translate(line: unknown): AgentOutput[] {
  const translator = new Translator("/work/project");
  translator.beginTurn("u");
  return translator
    .translate(line, JSON.stringify(line))
    .map((output) => JSON.parse(JSON.stringify({ ...output, raw: undefined })));
}

const surprises = {
  "of an unknown type": { type: "something_new", value: 1 },
  "without a type": { value: 1 },
  "that are no object": ["a", "list"],
  "of a known type in another shape": { type: "assistant", message: "text" },
  "of a control request that we do not know": {
    type: "control_request",
    request_id: "r",
    request: { subtype: "elicitation" },
  },
};

describe("lines that nobody knows yet", () => {
  it.each(Object.entries(surprises))("%s are shown as they are", (_, line) => {
    expect(translate(line)).toEqual([
      {
        type: "item.completed",
        item: {
          nativeId: null,
          kind: "unknown",
          role: "system",
          content: [{ type: "json", json: line }],
          status: "completed",
        },
      },
    ]);
  });

  it("of a system notice carry the CLI's own word as label", () => {
    const line = { type: "system", subtype: "brand_new", content: "Look out" };
    expect(translate(line)).toMatchObject([
      {
        item: {
          kind: "status",
          content: [{ type: "status", label: "brand_new", detail: "Look out", data: line }],
        },
      },
    ]);
  });
});

const used = { "claude-scripted-1": { inputTokens: 100, outputTokens: 42, costUSD: 0.1 } };
const result = {
  type: "result",
  subtype: "success",
  is_error: false,
  result: "Done.",
  model_usage_since_last_result: used,
};
const notification = { ...result, origin: { kind: "task-notification" } };

describe("turns", () => {
  it("end with the result of the message that was handed over, not with one of the agent's own", () => {
    const translator = new Translator("/work/project");
    translator.beginTurn("mine");
    expect(translator.translate(notification, "")).toMatchObject([{ type: "item.completed" }]);
    expect(translator.inTurn).toBe(true);
    const started = { type: "command_lifecycle", command_uuid: "mine", state: "started" };
    expect(translator.translate(started, "")).toEqual([]);
    expect(translator.translate(result, "")).toMatchObject([
      // What the turn of its own has used is not lost: the turn in which it was told has it.
      { type: "turn.ended", outcome: { status: "completed", usage: { output_tokens: 84 } } },
    ]);
    expect(translator.inTurn).toBe(false);
  });

  it("are interrupted when the CLI gives a message back that it has not begun", () => {
    const translator = new Translator("/work/project");
    translator.beginTurn("mine");
    const cancelled = { type: "command_lifecycle", command_uuid: "mine", state: "cancelled" };
    expect(translator.translate({ ...cancelled, command_uuid: "other" }, "")).toEqual([]);
    expect(translator.translate(cancelled, "")).toMatchObject([
      { type: "turn.ended", outcome: { status: "interrupted" } },
    ]);
  });

  it("whose result will never come are given up once", () => {
    const translator = new Translator("/work/project");
    translator.beginTurn("mine");
    expect(translator.abandonTurn()).toBe(true);
    expect(translator.abandonTurn()).toBe(false);
    translator.translate({ type: "system", subtype: "init" }, "");
    expect(translator.translate(notification, "")).toMatchObject([{ type: "turn.ended" }]);
  });
});
