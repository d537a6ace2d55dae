import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../src/version.ts";
import { bareTurnMeasures } from "./bare-turns.ts";
import { ingestMeasures } from "./ingest.ts";
import { logMeasures } from "./event-log.ts";
import { memoryMeasures } from "./memory.ts";
import { replayMeasures } from "./replay.ts";
import { startMeasures } from "./start.ts";
import type { Finding, Measure, Scale } from "./support/measure.ts";
import { holds, machine, type Row, table } from "./support/table.ts";
import type { Target } from "./support/target.ts";
import { turnMeasures } from "./turns.ts";

const HELP = `Measures a daemon run from source and prints a table.
  --against PATH  measure this daemon too, in the same run: a program or a script for Node
  --only NAMES    only these measures, separated by commas
  --quick         just see that everything works: the figures mean nothing
  --json FILE     write the figures there as well
  --list          tell the names of the measures`;

const measures: Measure[] = [
  ...startMeasures,
  ...ingestMeasures,
  ...replayMeasures,
  ...memoryMeasures,
  ...turnMeasures,
  ...bareTurnMeasures,
  ...logMeasures,
];

const { values } = parseArgs({
  options: {
    against: { type: "string" },
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const ours: Target = { label: "ours", path: resolve(import.meta.dirname, "../src/main.ts") };

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

if (values.help) process.stdout.write(`${HELP}\n`);
else if (values.list) for (const { name, method } of measures) say(`${name}: ${method}`);
else process.exitCode = await run();

/** Measures and prints; the exit code says whether everything holds that must. */
async function run(): Promise<number> {
  const { against, quick, json } = values;
  const other =
    against === undefined ? undefined : { label: basename(against), path: resolve(against) };
  const rows: Row[] = [];
  for (const measure of chosen()) {
    process.stderr.write(`${measure.name}\n`);
    const row: Row = { measure, ours: await attempt(measure, ours, { quick }) };
    if (other && !measure.once) row.other = await attempt(measure, other, { quick });
    rows.push(row);
  }
  say(`sandbox-agent ${version}, from source, ${machine()}\n`);
  if (quick) say("A quick run: these figures mean nothing.\n");
  say(table(rows, other?.label));
  if (json !== undefined) await writeFile(json, JSON.stringify(rows.map(toJson), null, 2));
  return quick || rows.every((row) => holds(row) !== false) ? 0 : 1;
}

function chosen(): Measure[] {
  const names = values.only?.split(",");
  const unknown = names?.filter((name) => !measures.some((measure) => measure.name === name));
  if (unknown?.length) throw new Error(`no such measure: ${unknown.join(", ")}; see --list`);
  return measures.filter(({ name }) => names?.includes(name) ?? true);
}

/** A measure that cannot be made is a finding too. */
async function attempt(measure: Measure, target: Target, scale: Scale): Promise<Finding | Error> {
  try {
    return await measure.run(target, scale);
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

function toJson(row: Row) {
  const plain = (finding: Finding | Error | undefined) =>
    finding instanceof Error ? { error: finding.message } : finding;
  const { name, unit } = row.measure;
  return { name, unit, ours: plain(row.ours), other: plain(row.other), holds: holds(row) };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
