import { placeOf } from "../normalize.ts";
import type { Recorder, Recording } from "../recorder.ts";
import { Conversation } from "./conversation.ts";
import { opencodeGolden } from "./golden.ts";
import { interplayRecordings } from "./interplay.ts";
import { normalizeOpencode } from "./normalize.ts";
import { type OpencodeScenario, simpleRecordings } from "./scenarios.ts";
import { serverRecordings } from "./servers.ts";
import { OpencodeStage } from "./stage.ts";

const scenarios: Record<string, OpencodeScenario> = {
  ...simpleRecordings,
  ...interplayRecordings,
  ...serverRecordings,
};

/** Records conversations with `opencode serve`, both ways. */
export const opencodeRecorder: Recorder = {
  id: "opencode",
  scenarios: new Map(
    Object.entries(scenarios).map(([name, { recordings = [name] }]) => [name, recordings]),
  ),
  byHand: {
    "interrupt-at-busy":
      "the abort must arrive after the turn has begun and before its directory is open, and on an " +
      "idle machine the directory is open before a client can react to the first event",
    "interrupt-subagent-late":
      "one request aborts the subagent and then the turn, and the turn must answer in between, " +
      "which depends on timing",
  },
  async record(name) {
    const scenario = scenarios[name];
    if (!scenario) throw new Error(`OpenCode has no scenario ${name}.`);
    await using stage = await OpencodeStage.open();
    await scenario.prepare?.(stage);
    if (scenario.playAll) await scenario.playAll(stage);
    else await playSession(name, scenario, stage);
    return await recordingsOf(stage, scenario);
  },
  golden: opencodeGolden,
};

async function playSession(
  name: string,
  scenario: OpencodeScenario,
  stage: OpencodeStage,
): Promise<void> {
  const { before = [], session, replies, play, turns = [], after = [] } = scenario;
  const server = await stage.start(name, scenario);
  for (const path of before) await server.send({ method: "GET", path });
  const conversation = await Conversation.create(server, session, replies ? { replies } : {});
  if (play) await play(conversation, stage);
  else for (const turn of turns) await conversation.turn(turn);
  if (after.length > 0) await stage.quiet(server);
  for (const path of after) await conversation.get(path.replace(":id", conversation.id));
}

/** The conversations before the servers are ended. */
async function recordingsOf(
  stage: OpencodeStage,
  { keeps }: OpencodeScenario,
): Promise<Map<string, Recording>> {
  const place = placeOf(stage.home, stage.model);
  const recordings = new Map<string, Recording>();
  for (const [name, server] of stage.servers) {
    await stage.quiet(server);
    const lines = server.transcript.lines.map((line) => JSON.stringify(line));
    recordings.set(name, normalizeOpencode(lines, place, keeps));
  }
  return recordings;
}
