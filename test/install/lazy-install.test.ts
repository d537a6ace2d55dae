import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { claudeRecipe } from "../../src/agents/claude/install.ts";
import { detectPlatform } from "../../src/install/platform.ts";
import { AgentListResponse } from "../../src/schema/agent.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { postJson } from "../support/post-json.ts";
import { temporaryHome } from "../support/sandbox.ts";

const VERSION = "1.0.0";

async function claudeOf({ url }: Daemon) {
  const answer = await fetch(`${url}/v1/agents`);
  const { agents } = AgentListResponse.parse(await answer.json());
  return agents.find(({ id }) => id === "claude");
}

test("a client sees how far the install is that its session waits for, and then the agent", async () => {
  const platform = detectPlatform();
  const target = platform && claudeRecipe.platformPackage(platform);
  if (!target) throw new Error("Claude has no build for this machine");
  await using registry = await FakeRegistry.start();
  const content = "#!/bin/sh\nexit 1\n".padEnd(5000, "#");
  registry.publish(claudeRecipe.metaPackage, VERSION);
  registry.publish(target.name, VERSION, {
    entries: [{ path: `package/${target.executable}`, content, mode: 0o755 }],
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  onTestFinished(() => resolve());
  registry.break(/\.tgz$/, { kind: "stalled", until: promise });

  await using home = await temporaryHome();
  const installDir = join(home.dir, "agents");
  await using daemon = await startDaemon({
    home,
    args: ["--no-token", "--install-dir", installDir],
    env: { SANDBOX_AGENT_REGISTRY: registry.url, PATH: "/usr/bin:/bin", ANTHROPIC_API_KEY: "k" },
  });
  expect(await claudeOf(daemon)).toMatchObject({ installed: false });
  const created = postJson(`${daemon.url}/v1/sessions/lazy`, { agent: "claude" });
  await expect
    .poll(async () => (await claudeOf(daemon))?.install?.receivedBytes ?? 0)
    .toBeGreaterThan(0);
  const { installed, install } = (await claudeOf(daemon)) ?? {};
  expect({ installed, install }).toEqual({
    installed: false,
    install: {
      phase: "downloading",
      receivedBytes: expect.any(Number),
      totalBytes: expect.any(Number),
    },
  });
  expect(install?.receivedBytes).toBeLessThan(install?.totalBytes ?? 0);
  resolve();
  expect((await created).status).toBe(200);
  const path = join(installDir, "claude", VERSION, target.executable);
  const there = await claudeOf(daemon);
  expect(there).toMatchObject({ installed: true, version: VERSION, path });
  expect(there).not.toHaveProperty("install");
});
