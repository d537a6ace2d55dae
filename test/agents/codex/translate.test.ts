import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AgentOutput } from "../../../src/agents/agent.ts";
import { Translator } from "../../../src/agents/codex/translate.ts";
import { assertWellFormed } from "../../support/conformance.ts";
import { openFake, readEvents, text } from "../../support/session-events.ts";

const folder = join(import.meta.dirname, "../../fixtures/codex");
const recordings = readdirSync(folder)
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => basename(name, ".jsonl"));

interface Said {
  method?: string;
  id?: number;
  params?: Record<string, unknown> & { threadId?: string; turn?: { status: string } };
  result?: { thread?: { id: string } };
}

function saidBy(recording: string): Said[] {
  return readFileSync(join(folder, `${recording}.jsonl`), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { from: string; line: Said })
    .flatMap(({ from, line }) => (from === "server" ? [line] : []));
}

/** What the notifications of the first thread, and of its subagents, become. */
function* translated(recording: string): Generator<{ said: Said; outputs: AgentOutput[] }> {
  const lines = saidBy(recording);
  const main = lines.find(({ result }) => result?.thread)?.result?.thread?.id ?? "none";
  const translators = new Map([[main, new Translator()]]);
  for (const said of lines) {
    const { method, id, params } = said;
    const translator = translators.get(params?.threadId ?? "");
    if (method === undefined || id !== undefined || !params || !translator) continue;
    const own = params.threadId === main;
    if (own && method === "turn/started") translator.beginTurn();
    const outputs = translator.translate(method, params, JSON.stringify(said));
    if (method === "turn/completed") {
      outputs.push(...translator.endTurn(params.turn?.status === "interrupted"));
    }
    for (const [thread, call] of translator.takeChildren()) {
      translators.set(thread, new Translator({ parentNativeId: call, subagent: { id: thread } }));
    }
    yield { said: own ? said : {}, outputs };
  }
}

describe("recorded notifications of Codex", () => {
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
    for (const { said, outputs } of translated(recording)) {
      if (said.method === "turn/started") session.post(text("hi"));
      session.receive(outputs);
      if (said.method === "turn/completed") {
        session.receive([{ type: "turn.ended", outcome: { status: "completed" } }]);
      }
    }
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
