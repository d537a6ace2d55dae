import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { suites } from "./test/executable/suites.ts";
import { LongestFirst } from "./test/longest-first.ts";

const executable = join(import.meta.dirname, "build/sandbox-agent-linux-x64");

// What ships, started as its users start it: the compiled executable, and the installed package on
// the oldest Node that package.json allows.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // A test of a real agent waits for a third of its time.
    maxWorkers: 3,
    maxConcurrency: 10,
    testTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 300_000,
    projects: [
      ...["executable", "package"].map((name) => ({
        extends: true as const,
        test: {
          name,
          // What only the package has, its library, is tested of it alone.
          include: ["test/executable/*.test.ts", `test/executable/${name}/*.test.ts`],
          globalSetup: [`test/executable/${name}.ts`],
        },
      })),
      {
        extends: true as const,
        test: {
          // The suites that start a daemon or a command, which here are those of the executable.
          name: "suites",
          include: suites,
          globalSetup: ["test/executable/executable.ts"],
          env: { TESTED_EXECUTABLE: executable },
          isolate: false,
        },
      },
    ],
  },
});
