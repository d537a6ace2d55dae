import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { opencodeGolden, translateOpencode } from "../../record/opencode/golden.ts";
import { assertWellFormed } from "../../support/conformance.ts";
import { openFake, readEvents, text } from "../../support/session-events.ts";

const folder = join(import.meta.dirname, "../../fixtures/opencode");
const recordings = readdirSync(folder)
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => basename(name, ".jsonl"));

function linesOf(recording: string): string[] {
  return readFileSync(join(folder, `${recording}.jsonl`), "utf8")
    .split("\n")
    .filter(Boolean);
}

describe("recorded events of OpenCode", () => {
  // After an intended change of the translation: `vitest -u`, and read the difference.
  it.each(recordings)("%s become the events that are written down", async (recording) => {
    const written = opencodeGolden(linesOf(recording));
    await expect(written).toMatchFileSnapshot(join(folder, `${recording}.events.json`));
  });

  it.each(recordings)("%s make a well-formed session", async (recording) => {
    const { session } = openFake();
    await using _session = session;
    session.post(text("hi"));
    for (const outputs of translateOpencode(linesOf(recording))) session.receive(outputs);
    session.receive([{ type: "turn.ended", outcome: { status: "completed" } }]);
    await session.terminate();
    assertWellFormed(readEvents(session.log), { ended: true });
  });

  it("hold nothing that is not understood", () => {
    const unknown = recordings.flatMap((recording) =>
      [...translateOpencode(linesOf(recording))].flatMap((outputs) =>
        outputs.filter(
          (output) => output.type === "item.completed" && output.item.kind === "unknown",
        ),
      ),
    );
    expect(unknown.map((output) => JSON.stringify(output).slice(0, 300))).toEqual([]);
  });
});
