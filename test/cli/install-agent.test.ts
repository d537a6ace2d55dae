import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { ampRecipe } from "../../src/agents/amp/install.ts";
import { claudeRecipe } from "../../src/agents/claude/install.ts";
import { codexRecipe } from "../../src/agents/codex/install.ts";
import { opencodeRecipe } from "../../src/agents/opencode/install.ts";
import type { InstallRecipe } from "../../src/agents/recipe.ts";
import { detectPlatform } from "../../src/install/platform.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { program } from "../support/program.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";
import { runMain } from "./main.ts";

const RECIPES = {
  claude: claudeRecipe,
  codex: codexRecipe,
  opencode: opencodeRecipe,
  amp: ampRecipe,
};

let home: TemporaryHome;
let registry: FakeRegistry;
let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  const disposables = new AsyncDisposableStack();
  onTestFinished(() => disposables.disposeAsync());
  home = disposables.use(await temporaryHome());
  registry = disposables.use(await FakeRegistry.start());
  folder = join(home.dir, "agents");
  env = { SANDBOX_AGENT_REGISTRY: registry.url, SANDBOX_AGENT_INSTALL_DIR: folder, PATH: "" };
  for (const recipe of Object.values(RECIPES)) publish(recipe, "1.0.0");
});

function packageOf(recipe: InstallRecipe) {
  const platform = detectPlatform();
  const target = platform && recipe.platformPackage(platform);
  if (!target) throw new Error(`no build of ${recipe.metaPackage} for this machine`);
  return target;
}

function publish(recipe: InstallRecipe, version: string): void {
  const { name, versionSuffix = "", executable } = packageOf(recipe);
  const script = { path: `package/${executable}`, content: `#!/bin/sh\n`, mode: 0o755 };
  registry.publish(name, version + versionSuffix, { entries: [script], tags: [] });
  registry.publish(recipe.metaPackage, version);
}

it("an agent is installed, and told where on stderr; a second time nothing is downloaded", async () => {
  const path = join(folder, "codex/1.0.0", packageOf(codexRecipe).executable);
  const first = await runMain(home, ["install-agent", "codex"], env);
  expect(first).toMatchObject({ exitCode: 0, stdout: "" });
  expect(first.stderr.split("\n").at(-1)).toBe(`codex 1.0.0 is at ${path}`);
  const again = await runMain(home, ["install-agent", "codex"], env);
  expect(again).toMatchObject({ exitCode: 0, stdout: "", stderr: `codex 1.0.0 is at ${path}` });
  expect(registry.downloads).toBe(1);
});

it("without a terminal a download is told in plain lines", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  onTestFinished(() => resolve());
  registry.break(/\.tgz$/, { kind: "stalled", until: promise });
  const child = execa(program.file, [...program.args, "install-agent", "claude"], {
    cwd: home.work,
    env: { ...home.env, ...env },
    extendEnv: false,
    stdin: "ignore",
  });
  const lines: string[] = [];
  for await (const line of child.iterable({ from: "stderr" })) {
    lines.push(line);
    if (line.startsWith("claude: downloading 0.0 MB, ")) resolve();
  }
  expect(
    lines.filter(
      (line) =>
        !/^(claude: [a-z]+|claude 1\.0\.0 is at |installing claude from 127\.0\.0\.1:)/.test(line),
    ),
  ).toEqual([]);
  expect(lines.filter((line) => line.includes("\r") || line.includes("\x1b"))).toEqual([]);
  expect((await child).stdout).toBe("");
});

it("all are installed one after the other, and what is there already is left alone", async () => {
  await runMain(home, ["install-agent", "amp"], env);
  const { exitCode, stdout, stderr } = await runMain(home, ["install-agent", "all"], env);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  const told = stderr.split("\n").filter((line) => line.includes(" is at "));
  expect(told.map((line) => line.split(" ")[0])).toEqual(["claude", "codex", "opencode", "amp"]);
  expect((await readdir(folder)).sort()).toEqual(["amp", "claude", "codex", "opencode"]);
  expect(registry.downloads).toBe(4);
});

it("where some of all fail the others are installed, and the last line names the failures", async () => {
  registry.unpublish(codexRecipe.metaPackage, "1.0.0");
  registry.break(new RegExp(`${packageOf(opencodeRecipe).name}$`), { kind: "status", status: 404 });
  const { exitCode, stderr } = await runMain(home, ["install-agent", "all"], env);
  expect(exitCode).toBe(1);
  expect(stderr.split("\n").at(-1)).toMatch(
    /^sandbox-agent: install failed: codex: .*; install failed: opencode: .* has no package opencode-\S+$/,
  );
  const kept = await Promise.all(
    ["claude", "codex", "opencode", "amp"].map((id) =>
      readdir(join(folder, id)).catch(() => undefined),
    ),
  );
  expect(kept).toEqual([["1.0.0", "current"], undefined, undefined, ["1.0.0", "current"]]);
});

it("another version is chosen by its name, and stays where it is while a new one fails", async () => {
  publish(claudeRecipe, "2.0.0");
  const install = (...args: string[]) => runMain(home, ["install-agent", "claude", ...args], env);
  expect((await install("--agent-version", "1.0.0")).stderr).toContain("claude 1.0.0 is at ");
  registry.break(/2\.0\.0\.tgz$/, { kind: "altered" });
  const { exitCode, stderr } = await install("--reinstall");
  expect(exitCode).toBe(1);
  expect(stderr.split("\n").at(-1)).toMatch(/^sandbox-agent: install failed: claude: \S+/);
  expect((await install()).stderr).toContain("claude 1.0.0 is at ");
});

it("one version for all is a usage error, and all offline names what is missing", async () => {
  const wrong = await runMain(home, ["install-agent", "all", "--agent-version", "1.0.0"], env);
  expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
  expect(wrong.stderr).toContain("--agent-version");
  const offline = await runMain(home, ["install-agent", "all", "--offline"], env);
  expect(offline).toMatchObject({ exitCode: 1, stdout: "" });
  expect(offline.stderr).toMatch(/^sandbox-agent: .*claude; .*codex; .*opencode; .*amp; .*$/);
  expect(registry.requests).toEqual([]);
});
