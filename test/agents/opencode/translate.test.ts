import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AgentOutput } from "../../../src/agents/agent.ts";
import { EventReader, type ServerEvent } from "../../../src/agents/opencode/events.ts";
import { Translator } from "../../../src/agents/opencode/translate.ts";
import { assertWellFormed } from "../../support/conformance.ts";
import { openFake, readEvents, text } from "../../support/session-events.ts";

const folder = join(import.meta.dirname, "../../fixtures/opencode");
const recordings = readdirSync(folder)
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => basename(name, ".jsonl"));

function eventsOf(recording: string): ServerEvent[] {
  const reader = new EventReader();
  return readFileSync(join(folder, `${recording}.jsonl`), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { from: string; event?: object })
    .flatMap(({ event }) =>
      event ? reader.push(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`)) : [],
    );
}

/** What the events of the first session, and of its subagents, become. */
function* translated(
  recording: string,
): Generator<{ event: ServerEvent; own: boolean; outputs: AgentOutput[] }> {
  const events = eventsOf(recording);
  const main = events.find(({ type }) => type === "session.created")?.sessionId ?? "none";
  const translators = new Map([[main, new Translator()]]);
  for (const event of events) {
    const translator = translators.get(event.sessionId);
    if (!translator) continue;
    const outputs = translator.translate(event);
    for (const [session, call] of translator.takeChildren()) {
      const place = { parentNativeId: call, subagent: { id: session } };
      translators.set(session, new Translator(place));
    }
    yield { event, own: event.sessionId === main, outputs };
  }
}

describe("recorded events of OpenCode", () => {
  // After a change that is meant: `vitest -u`, and read the difference.
  it.each(recordings)("%s become the events that are written down", async (recording) => {
    const events = [...translated(recording)]
      .flatMap(({ outputs }) => outputs)
      .map((output) => JSON.stringify({ ...output, raw: undefined }));
    const written = `[\n${events.join(",\n")}\n]\n`;
    await expect(written).toMatchFileSnapshot(join(folder, `${recording}.events.json`));
  });

  it.each(recordings)("%s make a well-formed session", async (recording) => {
    const { session } = openFake();
    await using _session = session;
    session.post(text("hi"));
    for (const { outputs } of translated(recording)) session.receive(outputs);
    session.receive([{ type: "turn.ended", outcome: { status: "completed" } }]);
    await session.terminate();
    assertWellFormed(readEvents(session.log), { ended: true });
  });

  it("hold nothing that is not understood", () => {
    const unknown = recordings.flatMap((recording) =>
      [...translated(recording)].flatMap(({ outputs }) =>
        outputs.filter(
          (output) => output.type === "item.completed" && output.item.kind === "unknown",
        ),
      ),
    );
    expect(unknown.map((output) => JSON.stringify(output).slice(0, 300))).toEqual([]);
  });
});
