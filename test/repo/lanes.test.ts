import { readFile } from "node:fs/promises";
import { dirname, join, matchesGlob } from "node:path";
import { describe, expect, it } from "vitest";
import { agentsLane, otherLanes } from "../lanes.ts";
import { repository, repositoryFiles } from "./files.ts";

/** Modules that start a daemon, a command of ours, npm or a real agent. */
const STARTS_PROCESSES = ["program", "real-agents", "npm-registry", "stand-in"].map(
  (name) => `test/support/${name}.ts`,
);

const tests = (await repositoryFiles()).filter((path) => path.endsWith(".test.ts"));
const isIn = (path: string, patterns: readonly string[]) =>
  patterns.some((pattern) => matchesGlob(path, pattern));

describe("lanes of tests", () => {
  it.each([...agentsLane, ...otherLanes])("%s matches a file", (pattern) => {
    expect(tests.filter((path) => matchesGlob(path, pattern))).not.toEqual([]);
  });

  it("the unit lane starts neither a daemon nor an agent", async () => {
    const unit = tests.filter((path) => !isIn(path, [...agentsLane, ...otherLanes]));
    expect(unit.length).toBeGreaterThan(100);
    const reached = await Promise.all(unit.map(async (path) => [path, await reachedFrom(path)]));
    const wrong = reached.filter(([, modules]) =>
      STARTS_PROCESSES.some((module) => modules?.includes(module) === true),
    );
    expect(wrong.map(([path]) => path)).toEqual([]);
  });
});

/** Returns a test file and the modules under `test` that it imports, directly or not. */
async function reachedFrom(file: string): Promise<string[]> {
  const reached = new Set([file]);
  for (const path of reached) {
    const source = await readFile(join(repository, path), "utf8");
    for (const [, specifier = ""] of source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const target = join(dirname(path), specifier);
      if (target.startsWith("test/") && target.endsWith(".ts")) reached.add(target);
    }
  }
  return [...reached];
}
