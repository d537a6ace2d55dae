import { defineConfig } from "vitest/config";
import { agentsLane, otherLanes } from "./test/lanes.ts";
import { LongestFirst } from "./test/longest-first.ts";

// Loading every module again for each file takes half of the time of the unit lane, and 80 s of the other.
const isolate = false;

// Time-outs bound hangs: each is at least ten times what a busy machine needs.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...agentsLane, ...otherLanes, "node_modules/**"],
          isolate,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        test: {
          name: "agents",
          include: agentsLane,
          exclude: otherLanes,
          isolate,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 60_000 } },
          // A test of a real agent waits for a third of its time.
          maxWorkers: 3,
          maxConcurrency: 10,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
