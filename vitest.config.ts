import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/system/**", "test/executable/**", "node_modules/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most of a test of a real agent is waiting for that agent, or for a deadline.
    maxWorkers: 3,
    maxConcurrency: 10,
  },
});
