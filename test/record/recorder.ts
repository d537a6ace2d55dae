import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RealAgentId } from "../support/real-agents.ts";

/** The lines of one recording, normalised, each the JSON of one native message. */
export type Recording = readonly string[];

/** Makes the recordings of one agent with its real CLI and a scripted model. */
export interface Recorder {
  readonly id: RealAgentId;
  /** Every scenario, with the recordings that it makes. */
  readonly scenarios: ReadonlyMap<string, readonly string[]>;
  /** Recordings that are kept as they are, and the reason. */
  readonly byHand: Readonly<Record<string, string>>;
  /** Plays a scenario and returns its recordings by name. */
  record(scenario: string): Promise<ReadonlyMap<string, Recording>>;
  /** Other files that are made with the real CLI, by their name in the folder of the fixtures. */
  readonly files?: Readonly<Record<string, () => Promise<string>>>;
  /** The golden events of a recording, as the text of their file. */
  golden(lines: Recording): string;
}

/** The committed recordings of an agent. */
export function fixturesOf(id: RealAgentId): string {
  return join(import.meta.dirname, "../fixtures", id);
}

/** The scenario that makes a recording; a scenario may make several. */
export function scenarioOf({ scenarios }: Recorder, recording: string): string | undefined {
  for (const [scenario, recordings] of scenarios) {
    if (scenario === recording || recordings.includes(recording)) return scenario;
  }
  return undefined;
}

/** Writes a recording and its golden events into a folder. */
export async function writeRecording(
  recorder: Recorder,
  folder: string,
  name: string,
  lines: Recording,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const golden = join(folder, `${name}.events.json`);
  // Without its golden events, a recording whose translation throws is still there to look at.
  await rm(golden, { force: true });
  await writeFile(join(folder, `${name}.jsonl`), lines.map((line) => `${line}\n`).join(""));
  await writeFile(golden, recorder.golden(lines));
}
