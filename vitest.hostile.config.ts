import { join } from "node:path";
import { defineConfig } from "vitest/config";

const executable = join(import.meta.dirname, "build/sandbox-agent-linux-x64");
const test = {
  include: ["test/hostile/**/*.test.ts"],
  env: { HOSTILE_LINES: process.env["HOSTILE_LINES"] ?? "20000", HOSTILE_LONG: "1" },
};

// The long form of the hostile tests, with figures, of the sources on Node and of the executable.
export default defineConfig({
  test: {
    testTimeout: 3_600_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 300_000,
    fileParallelism: false,
    projects: [
      { extends: true as const, test: { ...test, name: "node" } },
      {
        extends: true as const,
        test: {
          ...test,
          name: "executable",
          globalSetup: ["test/executable/executable.ts"],
          env: { ...test.env, TESTED_EXECUTABLE: executable },
        },
      },
    ],
  },
});
