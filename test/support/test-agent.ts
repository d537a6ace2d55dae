import { randomBytes } from "node:crypto";
import type { InstallRecipe, Platform } from "../../src/agents/recipe.ts";
import type { FakeRegistry } from "./fake-registry.ts";
import type { TarballEntry } from "./tarball.ts";

export const LINUX: Platform = { os: "linux", cpu: "x64", libc: "glibc", avx2: true };
export const META_PACKAGE = "@test/agent";
export const PLATFORM_PACKAGE = "@test/agent-linux-x64";

/** An agent that exists only in a fake registry; its executable prints its version. */
export const testRecipe: InstallRecipe = {
  metaPackage: META_PACKAGE,
  platformPackage: ({ os, cpu }) =>
    os === "linux"
      ? {
          name: `@test/agent-linux-${cpu}`,
          files: ["bin/agent", "resources/"],
          executable: "bin/agent",
        }
      : undefined,
  command: "test-agent",
  versionArguments: ["--version"],
};

/** What the tarball of the test agent holds. */
export function agentEntries(version: string): TarballEntry[] {
  return [
    { path: "package/package.json", content: "{}" },
    // Incompressible, so that half of the tarball is not yet all of the executable.
    { path: "package/resources/deep/noise", content: randomBytes(300_000) },
    {
      path: "package/bin/agent",
      content: `#!/bin/sh\necho "${version} (Test Agent)"\n`,
      mode: 0o755,
    },
    { path: "package/README.md", content: "not wanted" },
  ];
}

/** Publishes a version of the test agent: the meta package and its platform package. */
export function publishAgent(registry: FakeRegistry, version: string, tags?: string[]): void {
  const tagged = tags ? { tags } : {};
  registry.publish(META_PACKAGE, version, {
    optionalDependencies: { [PLATFORM_PACKAGE]: version },
    ...tagged,
  });
  registry.publish(PLATFORM_PACKAGE, version, { entries: agentEntries(version), ...tagged });
}
