import { execa } from "execa";
import { expect, test } from "vitest";
import { REAL_CLAUDE_VERSION, realClaude } from "../support/real-claude.ts";
import { temporaryHome } from "../support/sandbox.ts";

test("the real Claude CLI comes from the configured registry and runs without Node", async () => {
  await using home = await temporaryHome();
  const { path } = await realClaude();
  const { stdout } = await execa(path, ["--version"], {
    env: { ...home.env, PATH: "/nonexistent" },
    extendEnv: false,
    cwd: home.work,
  });
  expect(stdout).toBe(`${REAL_CLAUDE_VERSION} (Claude Code)`);
}, 300_000);
