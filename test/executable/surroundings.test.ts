import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { detectPlatform } from "../../src/install/platform.ts";
import { claudeRecipe } from "../../src/agents/claude/install.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { shippedEntry } from "./entry.ts";

const entry = shippedEntry();

it("takes nothing from the files of the folder in which it is started", async () => {
  await using home = await temporaryHome();
  await writeFile(join(home.work, ".env"), "SANDBOX_AGENT_TOKEN=planted\n");
  await writeFile(join(home.work, "bunfig.toml"), 'preload = ["./planted.ts"]\n');
  await writeFile(join(home.work, "planted.ts"), 'console.log("planted");\n');
  const { exitCode, stdout, stderr } = await execa(entry.file, [...entry.args, "server"], {
    cwd: home.work,
    env: home.env,
    extendEnv: false,
    reject: false,
    timeout: 20_000,
  });
  expect(stderr).toContain("a token is needed");
  expect(stdout).toBe("");
  expect(exitCode).toBe(1);
});

it("installs an agent, without npm and past a proxy that loopback has no use for", async () => {
  await using home = await temporaryHome();
  await using registry = await FakeRegistry.start();
  const machine = detectPlatform();
  const platform = machine && claudeRecipe.platformPackage(machine);
  if (!platform) throw new Error("there is no Claude Code for this platform");
  const content = '#!/bin/sh\necho "1.0.0 (Claude Code)"\n';
  registry.publish(claudeRecipe.metaPackage, "1.0.0", {
    optionalDependencies: { [platform.name]: "1.0.0" },
  });
  registry.publish(platform.name, "1.0.0", {
    entries: [{ path: `package/${platform.executable}`, content, mode: 0o755 }],
  });
  const { stdout, stderr } = await execa(entry.file, [...entry.args, "install-agent", "claude"], {
    cwd: home.work,
    env: {
      ...home.env,
      PATH: "/nonexistent",
      SANDBOX_AGENT_REGISTRY: registry.url,
      SANDBOX_AGENT_INSTALL_DIR: join(home.dir, "agents"),
      // Nobody listens there.
      HTTP_PROXY: "http://127.0.0.1:1",
    },
    extendEnv: false,
  });
  expect(stdout).toBe("");
  // Where it takes its time it also says how far it is.
  const told = stderr.split("\n").filter((line) => !/^claude: [a-z]+/.test(line));
  expect(told.join("\n")).toMatch(/^installing claude from 127.+\nclaude 1\.0\.0 is at .+\n?$/);
  const installed = join(home.dir, "agents/claude/1.0.0", platform.executable);
  expect(await readFile(installed, "utf8")).toBe(content);
});
