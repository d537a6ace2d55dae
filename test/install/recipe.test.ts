import { expect, test } from "vitest";
import { claudeRecipe } from "../../src/agents/claude/install.ts";
import type { InstallRecipe, Platform } from "../../src/agents/recipe.ts";
import { HttpClient } from "../../src/install/http.ts";
import { Registry } from "../../src/install/registry.ts";
import { resolveRelease } from "../../src/install/release.ts";
import { FakeRegistry } from "../support/fake-registry.ts";

const GLIBC: Platform = { os: "linux", cpu: "x64", libc: "glibc", avx2: true };
const MUSL: Platform = { ...GLIBC, libc: "musl" };
const MAC: Platform = { os: "darwin", cpu: "arm64", libc: null, avx2: false };
const WINDOWS: Platform = { os: "win32", cpu: "x64", libc: null, avx2: false };

test.each([
  { platform: GLIBC, name: "@anthropic-ai/claude-code-linux-x64", executable: "claude" },
  { platform: MUSL, name: "@anthropic-ai/claude-code-linux-x64-musl", executable: "claude" },
  { platform: MAC, name: "@anthropic-ai/claude-code-darwin-arm64", executable: "claude" },
  { platform: WINDOWS, name: "@anthropic-ai/claude-code-win32-x64", executable: "claude.exe" },
])("Claude's package is $name", ({ platform, name, executable }) => {
  expect(claudeRecipe.platformPackage(platform)).toEqual({ name, files: [executable], executable });
});

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
  fake.publish("@test/one", "0.170.0-linux-x64", { tags: ["alpha-linux-x64"] });
  const env = { SANDBOX_AGENT_REGISTRY: fake.url };
  await using http = await HttpClient.open({ env, stallTimeoutMs: 60_000 });
  const registry = new Registry(http, env);
  const resolve = async (platform: Platform, wanted?: string) => {
    const { signal } = new AbortController();
    const release = await resolveRelease(registry, { recipe, platform, wanted, signal });
    return [release.version, release.tarball.replace(/.*\/one-/, "")];
  };

  expect(await resolve(GLIBC)).toEqual(["0.169.0", "0.169.0-linux-x64.tgz"]);
  expect(await resolve(GLIBC, ">0.1.0")).toEqual(["0.169.0", "0.169.0-linux-x64.tgz"]);
  expect(await resolve(GLIBC, "0.168.0")).toEqual(["0.168.0", "0.168.0-linux-x64.tgz"]);
  await expect(resolve(MAC)).rejects.toThrow(
    "the registry has no version 0.169.0-darwin-arm64 of @test/one",
  );
  fake.unpublish("@test/one", "0.169.0-linux-x64");
  expect(await resolve(GLIBC), "mirror skew").toEqual(["0.168.0", "0.168.0-linux-x64.tgz"]);
  expect(fake.requests[0]).toBe("/@test/one");
});
