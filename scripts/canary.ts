// `npm run canary`: compares the newest release of every agent with the pinned one.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Installer } from "../src/install/installer.ts";
import { all } from "../test/record/all.ts";
import { UsageError } from "../test/record/arguments.ts";
import { CANARY_HELP, parseCanary } from "../test/record/canary/arguments.ts";
import { failedScenarios } from "../test/record/canary/conformance.ts";
import { changedRecordings } from "../test/record/canary/recordings.ts";
import { npmRegistryEnvironment } from "../test/support/npm-registry.ts";
import {
  CANARY_DIR,
  CANARY_VARIABLE,
  REAL_AGENTS,
  type RealAgentId,
} from "../test/support/real-agents.ts";

const LONGEST_LINE = 400;

try {
  const parsed = parseCanary(process.argv.slice(2));
  if (parsed.command === "help") process.stdout.write(CANARY_HELP);
  else {
    let changes = 0;
    for (const id of parsed.agents) changes += await compare(id);
    print(changes === 0 ? "Nothing has changed." : `${changes} changes.`);
    process.exitCode = changes === 0 ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

/** Compares the newest release of an agent with the pinned one and returns the number of changes. */
async function compare(id: RealAgentId): Promise<number> {
  const { recipe, version: pinned } = REAL_AGENTS[id];
  await using installer = new Installer({
    installDir: CANARY_DIR,
    env: await npmRegistryEnvironment(),
  });
  const { version } = await installer.install(id, recipe, { version: "latest" });
  if (version === undefined) throw new Error(`The installer returns no version of ${id}.`);
  process.env[CANARY_VARIABLE] = `${id}@${version}`;
  print(`${id} ${version} (pinned: ${pinned})`);

  const failed = await failedScenarios(id);
  for (const { title, message } of failed) print(`  conformance ${title}\n    ${message}`);
  print(`  conformance: ${failed.length} scenarios fail`);

  const recorder = all.find((each) => each.id === id);
  if (!recorder) return failed.length;
  const folder = join(CANARY_DIR, "recordings", id);
  await rm(folder, { recursive: true, force: true });
  const changed = await changedRecordings(recorder, folder, (text) => print(`  ${text}`));
  for (const { name, lines } of changed) {
    print(`  --- ${id} ${name}: native lines`);
    for (const line of lines) print(`  ${line.slice(0, LONGEST_LINE)}`);
  }
  print(`  recordings: ${changed.length} of ${recorder.scenarios.size} scenarios changed`);
  return failed.length + changed.length;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
