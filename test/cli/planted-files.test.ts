import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { claudeRecipe } from "../../src/agents/claude/install.ts";
import { detectPlatform } from "../../src/install/platform.ts";
import { startDaemon } from "../support/daemon.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { plantFiles } from "../support/planted-files.ts";
import { postJson } from "../support/post-json.ts";
import { program } from "../support/program.ts";
import { temporaryHome } from "../support/sandbox.ts";

/** The interpreter is looked up on PATH in the session's directory. */
const CLAUDE = '#!/usr/bin/env bash\nenv > "$HOME/environment"\necho "1.0.0 (Claude Code)"\n';

/**
 * A folder below another one, both full of planted files, a user whose npmrc names a registry with
 * Claude Code, and a PATH whose relative entries come first.
 */
async function setUp() {
  const disposables = new AsyncDisposableStack();
  onTestFinished(() => disposables.disposeAsync());
  const home = disposables.use(await temporaryHome());
  const registry = disposables.use(await FakeRegistry.start());
  const planted = disposables.use(await FakeRegistry.start());
  const platform = detectPlatform();
  const target = platform && claudeRecipe.platformPackage(platform);
  if (!target) throw new Error("Claude Code has no build for this machine");
  const publish = (place: FakeRegistry, version: string, content: string) => {
    place.publish(claudeRecipe.metaPackage, version);
    place.publish(target.name, version, {
      entries: [{ path: `package/${target.executable}`, content, mode: 0o755 }],
    });
  };
  const marks = join(home.dir, "marks");
  await mkdir(marks);
  publish(registry, "1.0.0", CLAUDE);
  publish(planted, "6.6.6", `#!/bin/sh\n: > '${join(marks, "registry")}'\n`);
  const deep = join(home.work, "deep");
  for (const folder of [home.work, deep]) {
    await plantFiles(folder, { registry: planted.url, marks });
  }
  await writeFile(join(home.dir, ".npmrc"), `registry=${registry.url}\n`);
  const env = {
    ...home.env,
    PATH: ":.:bin:node_modules/.bin:../bin:/usr/local/bin:/usr/bin:/bin",
    SANDBOX_AGENT_INSTALL_DIR: join(home.dir, "agents"),
  };
  const run = (...args: string[]) =>
    execa(program.file, [...program.args, ...args], {
      cwd: deep,
      env,
      extendEnv: false,
      stdin: "ignore",
      reject: false,
    });
  const expectUntouched = async () => {
    expect(planted.requests).toEqual([]);
    expect(await readdir(marks)).toEqual([]);
  };
  return { home: { ...home, work: deep, env }, registry, run, expectUntouched };
}

test("a daemon takes nothing from the files of its folder and of the one above", async () => {
  const { home, registry, expectUntouched } = await setUp();
  await using daemon = await startDaemon({ home, env: { ANTHROPIC_API_KEY: "of-the-user" } });
  expect((await fetch(`${daemon.url}/v1/agents`)).status).toBe(200);
  const created = await postJson(`${daemon.url}/v1/sessions/s`, { agent: "claude" });
  expect(created.status).toBe(200);
  expect(registry.downloads).toBe(1);
  await postJson(`${daemon.url}/v1/sessions/s/messages`, { message: "hello" });
  const file = join(home.dir, "environment");
  await expect
    .poll(() => readFile(file, "utf8").catch(() => ""))
    .toContain("ANTHROPIC_API_KEY=of-the-user\n");
  const environment = await readFile(file, "utf8");
  expect(environment).not.toContain("PLANTED");
  expect(environment).toContain("\nPATH=/usr/local/bin:/usr/bin:/bin\n");
  const examined = await fetch(`${daemon.url}/v1/agents/claude/doctor`);
  expect(await examined.json()).toMatchObject({ agent: "claude", version: "1.0.0" });
  await daemon.stop();
  expect(daemon.stderr()).toContain(`installing claude from ${new URL(registry.url).host}`);
  expect(daemon.stderr()).not.toContain("planted");
  await expectUntouched();
});

test("commands take nothing from the files of their folder and of the one above", async () => {
  const { home, registry, run, expectUntouched } = await setUp();
  const installed = await run("install-agent", "claude");
  expect(installed.stderr).toContain(`installing claude from ${new URL(registry.url).host}`);
  expect(installed.stderr).toContain(
    `claude 1.0.0 is at ${join(home.dir, "agents/claude/1.0.0/claude")}`,
  );
  const examined = await run("doctor", "claude", "--json");
  expect(JSON.parse(examined.stdout)).toMatchObject({ agents: [{ version: "1.0.0" }] });
  const keys = await run("credentials", "extract", "--reveal");
  expect(JSON.parse(keys.stdout)).toEqual({ anthropic: null, openai: null, other: {} });
  expect(await run("server")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("a token is needed"),
  });
  await expectUntouched();
});
