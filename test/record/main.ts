// `npm run record`: makes native recordings and their golden events; see arguments.ts.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { all } from "./all.ts";
import { parseRecord, RECORD_HELP, UsageError } from "./arguments.ts";
import { fixturesOf, type Recorder, writeRecording } from "./recorder.ts";

try {
  const parsed = parseRecord(process.argv.slice(2), all);
  if (parsed.command === "help") process.stdout.write(RECORD_HELP);
  else if (parsed.command === "list") for (const recorder of parsed.recorders) list(recorder);
  else {
    if (parsed.files) await makeFiles(parsed.recorder);
    if ((await record(parsed.recorder, parsed.scenarios)) > 0) process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

function list({ id, scenarios, byHand }: Recorder): void {
  for (const [scenario, recordings] of scenarios) {
    for (const recording of recordings) {
      const note = recording === scenario ? "" : ` (recorded with ${scenario})`;
      process.stdout.write(`${id} ${recording}${note}\n`);
    }
  }
  for (const [recording, reason] of Object.entries(byHand)) {
    process.stdout.write(`${id} ${recording} (by hand: ${reason})\n`);
  }
}

async function makeFiles({ id, files = {} }: Recorder): Promise<void> {
  for (const [name, make] of Object.entries(files)) {
    await writeFile(join(fixturesOf(id), name), await make());
    process.stdout.write(`${id} ${name}\n`);
  }
}

/** Records the scenarios one after another and returns the number of failures. */
async function record(recorder: Recorder, scenarios: readonly string[]): Promise<number> {
  let failures = 0;
  for (const scenario of scenarios) {
    const start = performance.now();
    try {
      for (const [name, lines] of await recorder.record(scenario)) {
        await writeRecording(recorder, fixturesOf(recorder.id), name, lines);
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        process.stdout.write(`${recorder.id} ${name}: ${lines.length} lines in ${seconds} s\n`);
      }
    } catch (error) {
      failures += 1;
      process.stderr.write(`${recorder.id} ${scenario} failed: ${describe(error)}\n`);
    }
  }
  return failures;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
