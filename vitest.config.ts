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
    // A real CLI now and then answers a deadline of its own on a machine that is overloaded. Such a
    // test may be asked once more; the reporter says which were.
    retry: process.env["CI"] === undefined ? 0 : 1,
  },
});
