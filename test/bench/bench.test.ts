import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { compileCache } from "../support/program.ts";
import { realAgent } from "../support/real-agents.ts";
import { temporaryHome } from "../support/sandbox.ts";

const bench = [...compileCache, join(import.meta.dirname, "../../bench/main.ts")];
const main = join(import.meta.dirname, "../../src/main.ts");
const run = promisify(execFile);

/** What a run of the benchmark writes for one measure. */
interface Result {
  name: string;
  ours: { value?: number; note?: string; error?: string };
  /** Not of a measure that tells nothing of a daemon. */
  other?: { value?: number; note?: string; error?: string };
}

/** Runs the benchmark, just enough to see that it works, and gives what it prints and writes. */
async function measure(args: string[]): Promise<{ stdout: string; results: Result[] }> {
  await using home = await temporaryHome();
  const json = join(home.dir, "bench.json");
  const all = [...bench, "--quick", "--json", json, ...args];
  const { stdout } = await run(process.execPath, all, { env: home.env, cwd: home.work });
  return { stdout, results: JSON.parse(await readFile(json, "utf8")) as Result[] };
}

const growths = ["event-memory", "idle-sessions"];

function expectFound(name: string, found: Result["ours"]): void {
  expect(found, name).not.toHaveProperty("error");
  expect(found.value, name).toBeTypeOf("number");
  // What so few events or sessions take is lost in what the runtime gives back meanwhile.
  if (!growths.includes(name)) expect(found.value, name).toBeGreaterThan(0);
  if (name.startsWith("ingest-")) expect(found.note, name).toBe("none lost");
  if (name === "slow-reader") expect(found.value).toBe(20_000);
}

it("measures everything, and nothing is lost", async () => {
  // The benchmark runs with an environment without the registry.
  for (const id of ["claude", "codex", "opencode", "amp"] as const) await realAgent(id);
  const { stdout: list } = await run(process.execPath, [...bench, "--list"], { env: {} });
  // Those of the inspector need a browser: test/system/inspector measures them.
  const names = list
    .trim()
    .split("\n")
    .map((line) => line.split(":")[0] ?? "")
    .filter((name) => !name.startsWith("inspector-"));
  const { stdout, results } = await measure(["--only", names.join(",")]);
  expect(results.map(({ name }) => name)).toEqual(names);
  for (const { name, ours } of results) {
    expectFound(name, ours);
    expect(stdout).toContain(`| ${name} |`);
  }
}, 600_000);

it("measures another daemon beside ours, but for what tells nothing of a daemon", async () => {
  const only = ["stand-in", "ingest-1", "slow-reader", "turn-2", "log-1"];
  const { results } = await measure(["--against", main, "--only", only.join(",")]);
  expect(results.map(({ name }) => name)).toEqual(expect.arrayContaining(only));
  expect(results.flatMap(({ name, other }) => (other ? [] : [name]))).toEqual([
    "stand-in",
    "log-1",
  ]);
  for (const { name, ours, other } of results) {
    expectFound(name, ours);
    if (other) expectFound(name, other);
  }
}, 300_000);

it("says what is wrong with a daemon that does not answer, and goes on", async () => {
  await using home = await temporaryHome();
  const only = ["--only", "idle-memory", "--quick"];
  const { stdout } = await run(process.execPath, [...bench, ...only, "--against", "/bin/false"], {
    env: home.env,
    cwd: home.work,
  });
  expect(stdout).toMatch(/\| idle-memory \| MiB \| [\d.]+ \| n\/a: .*false/);
});
