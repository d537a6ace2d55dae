import { defineConfig } from "vitest/config";

// What needs more of a system than Node: root to mount disks, a browser, a PostgreSQL server, other shells.
export default defineConfig({
  test: {
    include: ["test/system/**/*.test.ts"],
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    retry: process.env["CI"] === undefined ? 0 : 1,
    hookTimeout: 60_000,
  },
});
