import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AgentOutput } from "../../../src/agents/agent.ts";
import { Translator } from "../../../src/agents/amp/translate.ts";
import { ampGolden, translateAmp } from "../../record/amp/golden.ts";
import { assertWellFormed } from "../../support/conformance.ts";
import { openFake, readEvents, text } from "../../support/session-events.ts";

const folder = join(import.meta.dirname, "../../fixtures/amp");
const recordings = readdirSync(folder)
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => basename(name, ".jsonl"));

function linesOf(recording: string): string[] {
  return readFileSync(join(folder, `${recording}.jsonl`), "utf8")
    .split("\n")
    .filter(Boolean);
}

function outputsOf(recording: string): AgentOutput[] {
  return [...translateAmp(linesOf(recording))].flatMap((line) =>
    "outputs" in line ? line.outputs : [],
  );
}

describe("recorded lines of Amp", () => {
  // After an intended change of the translation: `vitest -u`, and read the difference.
  it.each(recordings)("%s become the events that are written down", async (recording) => {
    const written = ampGolden(linesOf(recording));
    await expect(written).toMatchFileSnapshot(join(folder, `${recording}.events.json`));
  });

  it.each(recordings)("%s make a well-formed session", async (recording) => {
    const { session } = openFake();
    await using _session = session;
    for (const line of translateAmp(linesOf(recording))) {
      if ("outputs" in line) session.receive(line.outputs);
      else session.post(text("hi"));
    }
    await session.terminate();
    assertWellFormed(readEvents(session.log), { ended: true });
  });

  it("hold nothing that is not understood", () => {
    const unknown = recordings.flatMap((recording) =>
      outputsOf(recording).filter(
        (output) => output.type === "item.completed" && output.item.kind === "unknown",
      ),
    );
    expect(unknown).toEqual([]);
  });
});

describe("a line that is not known", () => {
  it.each([
    [{ type: "heartbeat" }],
    [{ type: "assistant", message: {} }],
    [42],
    [{ type: "user", message: { content: [{ type: "novelty" }] } }],
  ])("%j becomes an item of kind unknown that holds it", (line) => {
    const raw = JSON.stringify(line);
    expect(new Translator().translate(line, raw)).toMatchObject([
      { type: "item.completed", item: { kind: "unknown" }, raw },
    ]);
  });
});

it("a message that was not repeated yet is not ended by an answer to one before it", () => {
  const translator = new Translator();
  translator.beginTurn();
  const answer = {
    type: "assistant",
    message: { content: [{ type: "text", text: "late" }], stop_reason: "end_turn" },
  };
  const echo = { type: "user", message: { content: [{ type: "text", text: "hi" }] } };
  const types = [answer, echo, answer].map((line) =>
    translator.translate(line, "{}").map(({ type }) => type),
  );
  expect(types).toEqual([["item.completed"], [], ["item.completed", "turn.ended"]]);
});

it("an interrupted turn is interrupted, whatever the process says last", () => {
  const translator = new Translator();
  translator.beginTurn();
  translator.stop();
  const result = { type: "result", subtype: "error_during_execution", is_error: true, error: "x" };
  expect(translator.translate(result, "{}")).toMatchObject([
    { type: "turn.ended", outcome: { status: "interrupted" } },
  ]);
  expect(translator.inTurn).toBe(false);
});
