import { defineConfig } from "vitest/config";

// What needs more of a system than Node: root to mount disks, a browser, a PostgreSQL server, other shells.
export default defineConfig({
  test: {
    include: ["test/system/**/*.test.ts"],
    testTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 300_000,
  },
});
