import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { realClaude } from "../support/real-claude.ts";
import { temporaryHome } from "../support/sandbox.ts";

const bench = join(import.meta.dirname, "../../bench/main.ts");
const main = join(import.meta.dirname, "../../src/main.ts");
const run = promisify(execFile);

/** What a run of the benchmark writes for one measure. */
interface Result {
  name: string;
  ours: { value?: number; note?: string; error?: string };
  /** Not of a measure that tells nothing of a daemon. */
  other?: { value?: number; note?: string; error?: string };
}

it("measures everything, of our daemon and of another, and nothing is lost", async () => {
  await realClaude();
  await using home = await temporaryHome();
  const json = join(home.dir, "bench.json");
  const args = [bench, "--quick", "--against", main, "--json", json];
  const { stdout } = await run(process.execPath, args, { env: home.env, cwd: home.work });
  const results: Result[] = JSON.parse(await readFile(json, "utf8"));
  const { stdout: list } = await run(process.execPath, [bench, "--list"], { env: home.env });
  const names = list
    .trim()
    .split("\n")
    .map((line) => line.split(":")[0]);
  expect(results.map(({ name }) => name)).toEqual(names);
  expect(results.flatMap(({ name, other }) => (other ? [] : [name]))).toEqual([
    "stand-in",
    "codex-bare-turn",
    "opencode-bare-turn",
    "log-1",
    "log-20",
  ]);
  for (const { name, ours, other } of results) {
    for (const found of [ours, ...(other ? [other] : [])]) {
      expect(found, name).not.toHaveProperty("error");
      expect(found.value, name).toBeGreaterThan(0);
      if (name.startsWith("ingest-")) expect(found.note, name).toBe("none lost");
      if (name === "slow-reader") expect(found.value).toBe(20_000);
    }
    expect(stdout).toContain(`| ${name} |`);
  }
}, 300_000);

it("says what is wrong with a daemon that does not answer, and goes on", async () => {
  await using home = await temporaryHome();
  const only = ["--only", "idle-memory", "--quick"];
  const { stdout } = await run(process.execPath, [bench, ...only, "--against", "/bin/false"], {
    env: home.env,
    cwd: home.work,
  });
  expect(stdout).toMatch(/\| idle-memory \| MiB \| [\d.]+ \| n\/a: .*false/);
});
