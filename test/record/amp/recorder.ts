import { placeOf } from "../normalize.ts";
import type { Recorder } from "../recorder.ts";
import { ampGolden } from "./golden.ts";
import { normalizeAmp } from "./normalize.ts";
import { ampRecordings } from "./scenarios.ts";
import { AmpStage } from "./stage.ts";

/** Records conversations with the CLI of Amp, both ways. */
export const ampRecorder: Recorder = {
  id: "amp",
  scenarios: new Map(
    Object.entries(ampRecordings).map(([name, { recordings = [name] }]) => [name, recordings]),
  ),
  byHand: {
    "resumed-after-kill":
      "the old answer must end after the next process has connected and before it takes its message, " +
      "and the CLI prints nothing by which a scenario can tell",
  },
  async record(name) {
    const scenario = ampRecordings[name];
    if (!scenario) throw new Error(`Amp has no scenario ${name}.`);
    await using stage = await AmpStage.open();
    await scenario.play(stage, name);
    const place = placeOf(stage.home, stage.server);
    return new Map(
      [...stage.processes].map(([recording, { transcript }]) => [
        recording,
        normalizeAmp(
          transcript.map((entry) => JSON.stringify(entry)),
          place,
        ),
      ]),
    );
  },
  golden: ampGolden,
};
