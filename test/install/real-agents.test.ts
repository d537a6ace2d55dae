import { access, constants, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { type RealAgentId, realAgent, testedAgent } from "../support/real-agents.ts";
import { temporaryHome } from "../support/sandbox.ts";

test.each<{ id: RealAgentId; output: RegExp }>([
  { id: "claude", output: /^<version> \(Claude Code\)$/ },
  { id: "codex", output: /^codex-cli <version>$/ },
  { id: "opencode", output: /^<version>$/ },
  { id: "amp", output: /^<version> \(released / },
])(
  "the real $id comes from the configured registry and runs without Node",
  async ({ id, output }) => {
    await using home = await temporaryHome();
    const { path } = await realAgent(id);
    const { stdout } = await execa(path, ["--version"], {
      env: { ...home.env, PATH: "/nonexistent" },
      extendEnv: false,
      cwd: home.work,
    });
    expect(stdout.replace(testedAgent(id).version, "<version>")).toMatch(output);
  },
  300_000,
);

test("Codex has its helpers and its sandbox beside it, but not its voice", async () => {
  const { path } = await realAgent("codex");
  const folder = join(path, "../..");
  expect((await readdir(folder)).sort()).toEqual([
    "bin",
    "codex-package.json",
    "codex-path",
    "codex-resources",
  ]);
  expect(await readdir(join(folder, "codex-resources"))).toEqual(["bwrap"]);
  for (const helper of ["bin/codex-code-mode-host", "codex-path/rg", "codex-resources/bwrap"]) {
    await expect(access(join(folder, helper), constants.X_OK)).resolves.toBeUndefined();
  }
}, 300_000);
