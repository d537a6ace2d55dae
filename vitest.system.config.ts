import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

// What needs more of a system than Node: root to mount disks, a browser, a PostgreSQL server, other shells.
export default defineConfig({
  test: {
    include: ["test/system/**/*.test.ts"],
    sequence: { sequencer: LongestFirst },
    // Half of the time is waiting for browsers, downloads and agents.
    maxWorkers: 3,
    testTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 300_000,
  },
});
