import { expect, test } from "vitest";
import { ampRecipe } from "../../src/agents/amp/install.ts";
import { claudeRecipe } from "../../src/agents/claude/install.ts";
import { codexRecipe } from "../../src/agents/codex/install.ts";
import { opencodeRecipe } from "../../src/agents/opencode/install.ts";
import type { InstallRecipe, Platform } from "../../src/agents/recipe.ts";
import { HttpClient } from "../../src/install/http.ts";
import { NpmConfig } from "../../src/install/npm-config.ts";
import { Registry } from "../../src/install/registry.ts";
import { resolveRelease } from "../../src/install/release.ts";
import { FakeRegistry } from "../support/fake-registry.ts";

const GLIBC: Platform = { os: "linux", cpu: "x64", libc: "glibc", avx2: true };
const MUSL: Platform = { ...GLIBC, libc: "musl" };
const ARM: Platform = { os: "linux", cpu: "arm64", libc: "glibc", avx2: false };
const ARM_MUSL: Platform = { ...ARM, libc: "musl" };
const MAC: Platform = { os: "darwin", cpu: "arm64", libc: null, avx2: false };
const INTEL_MAC: Platform = { ...MAC, cpu: "x64" };
const WINDOWS: Platform = { os: "win32", cpu: "x64", libc: null, avx2: true };
const WINDOWS_ARM: Platform = { os: "win32", cpu: "arm64", libc: null, avx2: false };

test.each([
  { platform: GLIBC, name: "@anthropic-ai/claude-code-linux-x64", executable: "claude" },
  { platform: MUSL, name: "@anthropic-ai/claude-code-linux-x64-musl", executable: "claude" },
  { platform: MAC, name: "@anthropic-ai/claude-code-darwin-arm64", executable: "claude" },
  { platform: WINDOWS, name: "@anthropic-ai/claude-code-win32-x64", executable: "claude.exe" },
])("Claude's package is $name", ({ platform, name, executable }) => {
  expect(claudeRecipe.platformPackage(platform)).toEqual({ name, files: [executable], executable });
});

test.each([
  { platform: GLIBC, suffix: "-linux-x64", folder: "x86_64-unknown-linux-musl" },
  { platform: MUSL, suffix: "-linux-x64", folder: "x86_64-unknown-linux-musl" },
  { platform: ARM, suffix: "-linux-arm64", folder: "aarch64-unknown-linux-musl" },
  { platform: MAC, suffix: "-darwin-arm64", folder: "aarch64-apple-darwin" },
  { platform: INTEL_MAC, suffix: "-darwin-x64", folder: "x86_64-apple-darwin" },
  { platform: WINDOWS, suffix: "-win32-x64", folder: "x86_64-pc-windows-msvc" },
  { platform: WINDOWS_ARM, suffix: "-win32-arm64", folder: "aarch64-pc-windows-msvc" },
])("Codex is all but the voice of $folder", ({ platform, suffix, folder }) => {
  const executable = platform.os === "win32" ? "codex.exe" : "codex";
  expect(codexRecipe.platformPackage(platform)).toEqual({
    name: "@openai/codex",
    versionSuffix: suffix,
    files: [`vendor/${folder}/`],
    without: [`vendor/${folder}/codex-resources/voice/`],
    executable: `vendor/${folder}/bin/${executable}`,
  });
});

test.each([
  { platform: GLIBC, name: "opencode-linux-x64" },
  { platform: { ...GLIBC, avx2: false }, name: "opencode-linux-x64-baseline" },
  { platform: MUSL, name: "opencode-linux-x64-musl" },
  { platform: { ...MUSL, avx2: false }, name: "opencode-linux-x64-baseline-musl" },
  { platform: ARM, name: "opencode-linux-arm64" },
  { platform: ARM_MUSL, name: "opencode-linux-arm64-musl" },
  { platform: MAC, name: "opencode-darwin-arm64" },
  { platform: INTEL_MAC, name: "opencode-darwin-x64-baseline" },
  { platform: WINDOWS, name: "opencode-windows-x64" },
  { platform: { ...WINDOWS, avx2: false }, name: "opencode-windows-x64-baseline" },
  { platform: WINDOWS_ARM, name: "opencode-windows-arm64" },
])("OpenCode's package is $name", ({ platform, name }) => {
  const executable = platform.os === "win32" ? "bin/opencode.exe" : "bin/opencode";
  const files = [executable];
  expect(opencodeRecipe.platformPackage(platform)).toEqual({ name, files, executable });
});

test.each([
  { platform: GLIBC, name: "@ampcode/cli-linux-x64", executable: "amp" },
  { platform: ARM, name: "@ampcode/cli-linux-arm64", executable: "amp" },
  { platform: MAC, name: "@ampcode/cli-darwin-arm64", executable: "amp" },
  { platform: INTEL_MAC, name: "@ampcode/cli-darwin-x64", executable: "amp" },
  { platform: WINDOWS, name: "@ampcode/cli-win32-x64", executable: "amp.exe" },
])("Amp's package is $name", ({ platform, name, executable }) => {
  expect(ampRecipe.platformPackage(platform)).toEqual({ name, files: [executable], executable });
});

test.each([MUSL, ARM_MUSL, WINDOWS_ARM])("Amp has no build for %o", (platform) => {
  expect(ampRecipe.platformPackage(platform)).toBeUndefined();
});

/** The version and the tarball's name that a registry leads to. */
async function resolveFrom(
  fake: FakeRegistry,
  recipe: InstallRecipe,
  platform: Platform,
  wanted?: string,
): Promise<string[]> {
  const env = { SANDBOX_AGENT_REGISTRY: fake.url };
  await using http = await HttpClient.open({ env, stallTimeoutMs: 60_000 });
  const { signal } = new AbortController();
  const registry = new Registry(http, { env, npm: await NpmConfig.load({ HOME: "/nonexistent" }) });
  const release = await resolveRelease(registry, { recipe, platform, wanted, signal });
  return [release.version, release.tarball.replace(/.*\/[a-z]+-/, "")];
}

test("a vendor may publish all platforms as versions of the meta package itself", async () => {
  const recipe: InstallRecipe = {
    metaPackage: "@test/one",
    platformPackage: ({ os, cpu }) => ({
      name: "@test/one",
      versionSuffix: `-${os}-${cpu}`,
      files: ["vendor/bin/", "vendor/path/rg"],
      executable: "vendor/bin/one",
    }),
    command: "one",
    versionArguments: ["--version"],
  };
  await using fake = await FakeRegistry.start();
  const alias = { "@test/one-linux-x64": "npm:@test/one@0.169.0-linux-x64" };
  fake.publish("@test/one", "0.168.0", { tags: [] });
  fake.publish("@test/one", "0.168.0-linux-x64", { tags: [] });
  fake.publish("@test/one", "0.169.0", { optionalDependencies: alias });
  fake.publish("@test/one", "0.169.0-linux-x64", { tags: [] });
  fake.publish("@test/one", "0.169.0-alpha.1-linux-x64", { tags: [] });
  fake.publish("@test/one", "0.170.0-linux-x64", { tags: ["alpha-linux-x64"] });
  const resolve = (platform: Platform, wanted?: string) =>
    resolveFrom(fake, recipe, platform, wanted);

  expect(await resolve(GLIBC)).toEqual(["0.169.0", "0.169.0-linux-x64.tgz"]);
  expect(await resolve(GLIBC, ">0.1.0")).toEqual(["0.169.0", "0.169.0-linux-x64.tgz"]);
  expect(await resolve(GLIBC, "0.168.0")).toEqual(["0.168.0", "0.168.0-linux-x64.tgz"]);
  await expect(resolve(GLIBC, ">0.169.0"), "a platform is no version").rejects.toThrow(
    "the registry has no version >0.169.0 of @test/one",
  );
  await expect(resolve(MAC)).rejects.toThrow(
    "the registry has no version 0.169.0-darwin-arm64 of @test/one",
  );
  fake.unpublish("@test/one", "0.169.0-linux-x64");
  expect(await resolve(GLIBC), "mirror skew").toEqual(["0.168.0", "0.168.0-linux-x64.tgz"]);
  await expect(resolve(GLIBC, "^0.169.0"), "not from outside the range").rejects.toThrow(
    "the registry has no version 0.169.0-linux-x64 of @test/one",
  );
  expect(fake.requests[0]).toBe("/@test/one");
});

test("where all versions are prereleases, the newest one before a missing one is taken", async () => {
  await using fake = await FakeRegistry.start();
  for (const version of ["0.0.1789963237-g4ed0c7", "0.0.1790142911-g7618fb"]) {
    fake.publish("@ampcode/cli-linux-x64", version);
  }
  fake.publish("@ampcode/cli", "0.0.1790712063-gb89205", {
    optionalDependencies: { "@ampcode/cli-linux-x64": "0.0.1790712063-gb89205" },
  });
  expect(await resolveFrom(fake, ampRecipe, GLIBC)).toEqual([
    "0.0.1790142911-g7618fb",
    "linux-x64-0.0.1790142911-g7618fb.tgz",
  ]);
});
