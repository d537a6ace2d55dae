import { randomBytes } from "node:crypto";
import { readdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { Installer } from "../../src/install/installer.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { mountFullDisk } from "../support/full-disk.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { LINUX, META_PACKAGE, PLATFORM_PACKAGE, testRecipe } from "../support/test-agent.ts";

/** Publishes a version whose resources are so large. */
function publish(registry: FakeRegistry, version: string, bytes: number): void {
  const content = `#!/bin/sh\necho ${version}\n`;
  registry.publish(META_PACKAGE, version);
  registry.publish(PLATFORM_PACKAGE, version, {
    entries: [
      { path: "package/bin/agent", content, mode: 0o755 },
      { path: "package/resources/noise", content: randomBytes(bytes) },
    ],
  });
}

it("an agent for which the disk is too small leaves the one that was there, and all the room", async () => {
  await using place = await temporaryHome();
  await using disk = await mountFullDisk(join(place.dir, "disk"));
  await using registry = await FakeRegistry.start();
  const env = { SANDBOX_AGENT_REGISTRY: registry.url };
  const installDir = join(disk.path, "agents");
  await using installer = new Installer({ installDir, env, platform: LINUX });
  const expectFull = (version: string) =>
    expect(installer.install("test", testRecipe, { version })).rejects.toMatchObject({
      kind: "install_failed",
      extensions: {
        agent: "test",
        details: {
          stderr: expect.stringContaining(
            `${installDir} cannot be written: the disk is full; free some space`,
          ),
        },
      },
    });
  const free = async () => (await statfs(disk.path)).bfree;

  publish(registry, "1.0.0", 1000);
  await expectFull("1.0.0");
  expect(await installer.find("test", testRecipe)).toBeUndefined();

  await rm(join(disk.path, "full"));
  await installer.install("test", testRecipe, { version: "1.0.0" });
  const before = await free();
  publish(registry, "2.0.0", 300_000);
  await expectFull("2.0.0");
  expect((await readdir(join(installDir, "test"))).toSorted()).toEqual(["1.0.0", "current"]);
  expect(await free()).toBe(before);
  const { path = "" } = (await installer.find("test", testRecipe)) ?? {};
  const { stdout } = await execa(path, { env: { PATH: "/usr/bin:/bin" }, extendEnv: false });
  expect(stdout).toBe("1.0.0");

  publish(registry, "3.0.0", 1000);
  const { version } = await installer.install("test", testRecipe, { version: "3.0.0" });
  expect(version).toBe("3.0.0");
});
