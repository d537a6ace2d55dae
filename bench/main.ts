import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { version } from "../src/version.ts";
import { compileCache } from "../test/support/program.ts";
import { chart } from "./chart.ts";
import { comparisonBars } from "./comparison.ts";
import { measures } from "./measures.ts";
import type { Build } from "./musts.ts";
import type { Finding, Measure, Scale } from "./support/measure.ts";
import { holds, machine, type Other, type Row, table } from "./support/table.ts";
import type { Target } from "./support/target.ts";

const HELP = `Measures a daemon run from source and prints a table.
  --against PATH  measure this daemon too, in the same run: a program or a script for Node
  --only NAMES    only these measures, separated by commas
  --quick         just see that everything works: the figures mean nothing
  --json FILE     write the figures there as well
  --chart FILE    measure nothing; draw the recorded comparison with the reference there, as SVG
  --list          tell the names of the measures`;

const CHART_TITLE = "The executable beside the reference 0.1.11: times better";

const { values } = parseArgs({
  options: {
    against: { type: "string" },
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    chart: { type: "string" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

/** The figures of a quick run mean nothing, so its daemons may start from a cache. */
const nodeArgs = values.quick ? compileCache : [];
const ours: Target = {
  label: "ours",
  path: resolve(import.meta.dirname, "../src/main.ts"),
  nodeArgs,
};

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

if (values.help) process.stdout.write(`${HELP}\n`);
else if (values.chart !== undefined) await draw(values.chart);
else if (values.list) for (const { name, method } of measures) say(`${name}: ${method}`);
else process.exitCode = await run();

/** Draws the recorded comparison into a file. */
async function draw(file: string): Promise<void> {
  await writeFile(file, chart(comparisonBars(), CHART_TITLE));
}

/** Measures and prints; the exit code says whether everything holds that must. */
async function run(): Promise<number> {
  const { against, quick, json } = values;
  const other = against === undefined ? undefined : await otherTarget(against);
  const rows: Row[] = [];
  for (const measure of chosen()) {
    process.stderr.write(`${measure.name}\n`);
    const row: Row = { measure, ours: await attempt(measure, ours, { quick }) };
    if (other && !measure.once) row.other = await attempt(measure, other, { quick });
    rows.push(row);
  }
  say(`sandbox-agent ${version}, from source, ${machine()}\n`);
  if (quick) say("A quick run: these figures mean nothing.\n");
  say(table(rows, other));
  if (json !== undefined) await writeFile(json, JSON.stringify(rows.map(toJson), null, 2));
  const builds: Build[] = other?.ours === true ? ["source", "executable"] : ["source"];
  const missed = rows.some((row) => builds.some((build) => holds(row, build) === false));
  return missed && !quick ? 1 : 0;
}

/** A daemon to compare with; ours is a compiled program that tells this very version. */
async function otherTarget(path: string): Promise<Target & Other> {
  const target = { label: basename(path), path: resolve(path), nodeArgs };
  if (/\.[cm]?[jt]s$/.test(path)) return { ...target, ours: false };
  const { stdout } = await execa(target.path, ["--version"], {
    reject: false,
    env: {},
    extendEnv: false,
  });
  return { ...target, ours: stdout.trim() === `sandbox-agent ${version}` };
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
  return {
    name,
    unit,
    ours: plain(row.ours),
    other: plain(row.other),
    holds: holds(row, "source"),
    otherHolds: holds(row, "executable"),
  };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
