import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { claudeRecipe } from "../../src/agents/claude/install.ts";
import { Installer } from "../../src/install/installer.ts";
import { LiveSession } from "../support/live-session.ts";
import { AgentDaemon, NOT_INSTALLED } from "../support/agent-daemon.ts";
import { claudeUnderTest } from "../support/agents/claude.ts";
import { realAgent, testedAgent } from "../support/real-agents.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { VERSION_MANAGERS } from "../support/version-managers.ts";

const { version } = testedAgent("claude");
const OTHER = "2.0.1";

describe.each(VERSION_MANAGERS)("a shim of %s", (_, layOut) => {
  async function setUp() {
    const home = await temporaryHome();
    onTestFinished(() => home[Symbol.asyncDispose]());
    const { path } = await realAgent("claude");
    const other = join(home.dir, "other");
    await writeFile(other, `#!/bin/sh\necho "${OTHER} (Claude Code)"\n`, { mode: 0o755 });
    const manager = await layOut(home.dir, "claude", { [version]: path, [OTHER]: other });
    await manager.use(version);
    const env = { ...manager.env, PATH: `${manager.shims}:/usr/bin:/bin` };
    return { home, manager, env };
  }

  it("tells the version of the program that it runs, also after that was changed", async () => {
    const { home, manager, env } = await setUp();
    const installDir = NOT_INSTALLED;
    await using installer = new Installer({
      installDir,
      env: { ...home.env, ...env },
      offline: true,
    });
    const path = join(manager.shims, "claude");
    const find = (wanted?: string) => installer.find("claude", claudeRecipe, wanted);
    expect(await find()).toEqual({ path, version, source: "path" });
    expect(await find(version)).toEqual({ path, version, source: "path" });
    expect(await find(OTHER)).toBeUndefined();
    await manager.use(OTHER);
    expect(await find(version)).toBeUndefined();
    expect(await find(OTHER)).toEqual({ path, version: OTHER, source: "path" });
  });

  it("runs the agent in a session that asks for the version of it", async () => {
    const { manager, env } = await setUp();
    await using rig = await AgentDaemon.start(claudeUnderTest, { installDir: NOT_INSTALLED, env });
    await manager.use(version, rig.home.dir);
    const directory = await rig.directory("pinned");
    const session = await LiveSession.open(rig.daemon.url, "pinned", {
      agent: "claude",
      agentVersion: version,
      directory,
    });
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
    await session.finish();
  });
});
