import { join } from "node:path";
import { placeOf } from "../normalize.ts";
import type { Recorder, Recording } from "../recorder.ts";
import { codexGolden } from "./golden.ts";
import { converse, interplayRecordings } from "./interplay.ts";
import { normalizeCodex } from "./normalize.ts";
import { recordProtocol } from "./protocol.ts";
import { type CodexScenario, simpleRecordings } from "./scenarios.ts";
import { CodexStage } from "./stage.ts";

const scenarios: Record<string, CodexScenario> = { ...simpleRecordings, ...interplayRecordings };

/** Records conversations with `codex app-server`, both ways. */
export const codexRecorder: Recorder = {
  id: "codex",
  scenarios: new Map(
    Object.entries(scenarios).map(([name, { recordings = [name] }]) => [name, recordings]),
  ),
  byHand: {},
  files: { "protocol.json": recordProtocol },
  async record(name) {
    const scenario = scenarios[name];
    if (!scenario) throw new Error(`Codex has no scenario ${name}.`);
    await using stage = await CodexStage.open();
    await scenario.prepare?.(stage);
    if (scenario.playAll) await scenario.playAll(stage);
    else await playThread(name, scenario, stage);
    return recordingsOf(stage);
  },
  golden: codexGolden,
};

async function playThread(name: string, scenario: CodexScenario, stage: CodexStage): Promise<void> {
  const thread = await converse(await stage.start(name, scenario), stage, scenario.thread);
  if (scenario.play) return scenario.play(thread, stage);
  for (const turn of scenario.turns ?? []) await thread.turn(turn);
}

/** The conversations before the servers are ended. */
function recordingsOf({ home, model, root, servers }: CodexStage): Map<string, Recording> {
  const place = {
    ...placeOf(home, model),
    executable: root,
    fixtures: join(import.meta.dirname, "../../fixtures"),
  };
  return new Map(
    [...servers].map(([name, { transcript }]) => [
      name,
      normalizeCodex(
        transcript.map((entry) => JSON.stringify(entry)),
        place,
      ),
    ]),
  );
}
