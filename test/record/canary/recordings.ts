import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fixturesOf, type Recorder, type Recording, writeRecording } from "../recorder.ts";
import { changedLines, sameEvents } from "./compare.ts";

/** The number of attempts before a difference counts as a change of the agent. */
const RECORDINGS = 3;

/** A recording whose golden events differ from the committed ones. */
export interface ChangedRecording {
  readonly name: string;
  /** Native lines that differ, marked with `-` and `+`. One line with the reason if recording failed. */
  readonly lines: readonly string[];
}

/**
 * Records every scenario into a folder and returns the recordings that differ. The order of some
 * native lines depends on timing, so a recording has changed when no attempt gives the committed
 * events.
 */
export async function changedRecordings(
  recorder: Recorder,
  folder: string,
  report: (text: string) => void,
): Promise<ChangedRecording[]> {
  const changed: ChangedRecording[] = [];
  for (const scenario of recorder.scenarios.keys()) {
    const different = await recordUntilSame(recorder, scenario, folder);
    for (const { name } of different) report(`${recorder.id} ${name}: changed`);
    changed.push(...different);
  }
  return changed;
}

async function recordUntilSame(
  recorder: Recorder,
  scenario: string,
  folder: string,
): Promise<ChangedRecording[]> {
  let changed: ChangedRecording[] = [];
  for (let attempt = 1; attempt <= RECORDINGS; attempt += 1) {
    changed = await recordOnce(recorder, scenario, folder);
    if (changed.length === 0) return [];
  }
  return changed;
}

async function recordOnce(
  recorder: Recorder,
  scenario: string,
  folder: string,
): Promise<ChangedRecording[]> {
  const changed: ChangedRecording[] = [];
  try {
    for (const [name, lines] of await recorder.record(scenario)) {
      await writeRecording(recorder, folder, name, lines);
      const committed = await committedLines(recorder, name);
      if (!sameEvents(recorder.golden(committed), recorder.golden(lines))) {
        changed.push({ name, lines: changedLines(committed, lines) });
      }
    }
  } catch (error) {
    changed.push({ name: scenario, lines: [`not recorded: ${String(error)}`] });
  }
  return changed;
}

async function committedLines({ id }: Recorder, name: string): Promise<Recording> {
  const text = await readFile(join(fixturesOf(id), `${name}.jsonl`), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean);
}
