import { BaseSequencer, type TestSpecification } from "vitest/node";
import { defineConfig } from "vitest/config";

// Those that take minutes, the longest first: begun last, one of them would run alone at the end.
const LONG = [
  "conformance/opencode",
  "conformance/claude",
  "conformance/amp",
  "bench/bench",
  "conformance/codex",
  "e2e/",
].map((part) => `/test/${part}`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((part) => moduleId.includes(part));
      return at === -1 ? LONG.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/system/**", "test/executable/**", "test/hostile/long/**", "node_modules/**"],
    testTimeout: 30_000,
    // What is waited for comes at once, or on a busy machine a little later.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
    // Most of a test of a real agent is waiting for that agent, or for a deadline.
    maxWorkers: 3,
    maxConcurrency: 10,
    sequence: { sequencer: LongestFirst },
    // A real CLI now and then answers a deadline of its own on a machine that is overloaded. Such a
    // test may be asked once more; the reporter says which were.
    retry: process.env["CI"] === undefined ? 0 : 1,
  },
});
