import { chmod, chown, mkdir, readdir, readlink, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { Installer, type InstallerOptions } from "../../src/install/installer.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { temporaryHome } from "../support/sandbox.ts";
import {
  agentEntries,
  LINUX,
  META_PACKAGE,
  PLATFORM_PACKAGE,
  publishAgent,
  testRecipe,
} from "../support/test-agent.ts";

async function setUp(options: Partial<InstallerOptions> = {}) {
  const disposables = new AsyncDisposableStack();
  onTestFinished(() => disposables.disposeAsync());
  const home = disposables.use(await temporaryHome());
  const registry = disposables.use(await FakeRegistry.start());
  const installDir = join(home.dir, "agents");
  const create = (more: Partial<InstallerOptions> = {}) =>
    disposables.use(
      new Installer({
        installDir,
        env: { HOME: home.dir, PATH: "", SANDBOX_AGENT_REGISTRY: registry.url },
        platform: LINUX,
        ...options,
        ...more,
      }),
    );
  const folder = join(installDir, "test");
  return { home, registry, installDir, folder, installer: create(), create };
}

async function run(path: string): Promise<string> {
  const { stdout } = await execa(path, { env: { PATH: "/usr/bin:/bin" }, extendEnv: false });
  return stdout;
}

async function listFiles(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

test("the latest version is installed with just the files that the recipe names", async () => {
  const { registry, installer, folder } = await setUp();
  publishAgent(registry, "1.0.0");
  publishAgent(registry, "1.1.0");
  publishAgent(registry, "2.0.0-beta.1", ["next"]);

  const installed = await installer.install("test", testRecipe);

  expect(installed).toEqual({
    path: join(folder, "1.1.0/bin/agent"),
    version: "1.1.0",
    source: "install-dir",
  });
  expect(await run(installed.path)).toBe("1.1.0 (Test Agent)");
  expect((await stat(installed.path)).mode & 0o777).toBe(0o755);
  expect(await readdir(folder)).toEqual(["1.1.0", "current"]);
  expect(await listFiles(join(folder, "1.1.0"))).toEqual([
    "bin",
    "bin/agent",
    "resources",
    "resources/deep",
    "resources/deep/noise",
  ]);
  expect(await readlink(join(folder, "current"))).toBe("1.1.0");
  expect(await installer.find("test", testRecipe)).toEqual(installed);
});

test("what a recipe leaves out of a folder is not unpacked", async () => {
  const { registry, installer, folder } = await setUp();
  const executable = "vendor/bin/agent";
  const paths = [executable, "vendor/bin/helper", "vendor/voice/host", "vendor/voices", "other"];
  registry.publish(META_PACKAGE, "1.0.0");
  registry.publish(PLATFORM_PACKAGE, "1.0.0", {
    entries: paths.map((path) => ({ path: `package/${path}`, content: "x", mode: 0o755 })),
  });
  const files = { files: ["vendor/"], without: ["vendor/voice/"], executable };
  await installer.install("test", {
    ...testRecipe,
    platformPackage: () => ({ name: PLATFORM_PACKAGE, ...files }),
  });
  expect(await listFiles(join(folder, "1.0.0"))).toEqual([
    "vendor",
    "vendor/bin",
    "vendor/bin/agent",
    "vendor/bin/helper",
    "vendor/voices",
  ]);
});

test.each([
  { wanted: "1.0.0", installed: "1.0.0" },
  { wanted: "v1.0.0", installed: "1.0.0" },
  { wanted: "next", installed: "2.0.0-beta.1" },
  { wanted: "^1.0.0", installed: "1.1.0" },
  { wanted: "~1.0.0", installed: "1.0.3" },
  { wanted: ">=2.0.0-alpha", installed: "2.0.0-beta.1" },
])("the wanted version $wanted is $installed", async ({ wanted, installed }) => {
  const { registry, installer } = await setUp();
  for (const version of ["1.0.0", "1.0.3", "1.2.0", "1.1.0"]) publishAgent(registry, version);
  publishAgent(registry, "2.0.0-beta.1", ["next"]);
  const { version, path } = await installer.install("test", testRecipe, { version: wanted });
  expect(version).toBe(installed);
  expect(await run(path)).toBe(`${installed} (Test Agent)`);
});

test("a range finds prereleases where an agent has nothing else", async () => {
  const { registry, installer } = await setUp();
  publishAgent(registry, "0.0.1790142911-g7618fb", ["old"]);
  publishAgent(registry, "0.0.1790712063-gb89205", ["new"]);
  const { version } = await installer.install("test", testRecipe, { version: ">=0.0.1" });
  expect(version).toBe("0.0.1790712063-gb89205");
});

test("the meta package's optionalDependencies decide the version of the platform package", async () => {
  const { registry, installer } = await setUp();
  registry.publish(META_PACKAGE, "1.0.1", {
    optionalDependencies: { [PLATFORM_PACKAGE]: "1.0.0" },
  });
  registry.publish(PLATFORM_PACKAGE, "1.0.0", { entries: agentEntries("1.0.0") });
  registry.publish(PLATFORM_PACKAGE, "1.0.1", { entries: agentEntries("not this one") });
  const { version, path } = await installer.install("test", testRecipe);
  expect(version).toBe("1.0.1");
  expect(await run(path)).toBe("1.0.0 (Test Agent)");
});

test("a mirror that lacks the newest platform package gives the newest one before it", async () => {
  const { registry, installer } = await setUp();
  for (const version of ["1.0.0", "1.2.0", "1.3.0", "9.0.0"]) publishAgent(registry, version);
  registry.publish(META_PACKAGE, "1.3.0", {
    optionalDependencies: { [PLATFORM_PACKAGE]: "1.3.0" },
  });
  registry.unpublish(PLATFORM_PACKAGE, "1.3.0");
  expect((await installer.install("test", testRecipe)).version).toBe("1.2.0");
  await expect(
    installer.install("test", testRecipe, { version: "1.3.0" }),
    "who asks for just one version gets no other",
  ).rejects.toMatchObject({
    kind: "install_failed",
    extensions: { details: { stderr: `the registry has no version 1.3.0 of ${PLATFORM_PACKAGE}` } },
  });
});

test("without reinstall whatever is there will do, and nothing is asked of the registry", async () => {
  const { registry, installer } = await setUp();
  publishAgent(registry, "1.0.0");
  await installer.install("test", testRecipe);
  publishAgent(registry, "1.1.0");
  const before = registry.requests.length;
  expect((await installer.install("test", testRecipe)).version).toBe("1.0.0");
  expect((await installer.ensure("test", testRecipe)).version).toBe("1.0.0");
  expect((await installer.install("test", testRecipe, { version: "1.0.0" })).version).toBe("1.0.0");
  expect(registry.requests).toHaveLength(before);
});

test("reinstall brings the latest version, or repairs the present one", async () => {
  const { registry, installer } = await setUp();
  publishAgent(registry, "1.0.0");
  const { path } = await installer.install("test", testRecipe);
  await rm(join(path, "../../resources"), { recursive: true });
  await installer.install("test", testRecipe, { reinstall: true });
  expect(await listFiles(join(path, "../../resources"))).toEqual(["deep", "deep/noise"]);
  publishAgent(registry, "1.1.0");
  const newer = await installer.install("test", testRecipe, { reinstall: true });
  expect(newer.version).toBe("1.1.0");
  expect(await installer.find("test", testRecipe)).toEqual(newer);
});

test("the current and one previous version are kept", async () => {
  const { registry, installer, folder } = await setUp();
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) {
    publishAgent(registry, version);
    await installer.install("test", testRecipe, { version });
  }
  expect((await readdir(folder)).sort()).toEqual(["1.1.0", "1.2.0", "current"]);
});

test("installing a version that is there makes it current again", async () => {
  const { registry, installer } = await setUp();
  publishAgent(registry, "1.0.0");
  publishAgent(registry, "1.1.0");
  for (const version of ["1.0.0", "1.1.0", "1.0.0"]) {
    await installer.install("test", testRecipe, { version });
    expect((await installer.find("test", testRecipe))?.version).toBe(version);
  }
  expect(registry.downloads).toBe(2);
});

test("a session's own version is installed beside the present one, which stays current", async () => {
  const { registry, installer } = await setUp();
  publishAgent(registry, "1.0.0");
  publishAgent(registry, "1.1.0");
  await installer.install("test", testRecipe);
  const own = await installer.ensure("test", testRecipe, "1.0.0");
  expect(await run(own.path)).toBe("1.0.0 (Test Agent)");
  expect((await installer.find("test", testRecipe))?.version).toBe("1.1.0");
  expect(await installer.find("test", testRecipe, "1.0.0")).toEqual(own);
});

test("a version that was handed to a session stays while the daemon lives", async () => {
  const { registry, installer, create } = await setUp();
  for (const version of ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"])
    publishAgent(registry, version);
  const own = await installer.ensure("test", testRecipe, "1.0.0");
  for (const version of ["1.1.0", "1.2.0", "1.3.0"]) {
    await installer.install("test", testRecipe, { version });
  }
  expect(await installer.find("test", testRecipe, "1.0.0")).toEqual(own);
  await create().install("test", testRecipe, { version: "1.4.0" });
  expect(await installer.find("test", testRecipe, "1.0.0"), "the next daemon").toBeUndefined();
});

test("concurrent installs of one agent are one install", async () => {
  const { registry, installer } = await setUp();
  publishAgent(registry, "1.0.0");
  const results = await Promise.all([
    installer.install("test", testRecipe),
    installer.install("test", testRecipe),
    installer.ensure("test", testRecipe),
    installer.ensure("test", testRecipe, "1.0.0"),
    installer.install("test", testRecipe, { version: "latest" }),
  ]);
  expect(new Set(results.map(({ path }) => path)).size).toBe(1);
  expect(registry.downloads).toBe(1);
});

test("progress can be read while an install runs, and only then", async () => {
  const { registry, installer } = await setUp();
  publishAgent(registry, "1.0.0");
  const { promise, resolve } = Promise.withResolvers<void>();
  registry.break(/\.tgz$/, { kind: "stalled", until: promise });
  expect(installer.progress("test")).toBeUndefined();
  const installing = installer.install("test", testRecipe);
  await expect
    .poll(() => installer.progress("test"))
    .toMatchObject({ phase: "downloading", receivedBytes: expect.any(Number) });
  await expect.poll(() => installer.progress("test")?.receivedBytes).toBeGreaterThan(0);
  const { totalBytes = 0, receivedBytes = 0 } = installer.progress("test") ?? {};
  expect(totalBytes).toBeGreaterThan(300_000);
  expect(receivedBytes).toBeLessThan(totalBytes);
  resolve();
  await installing;
  expect(installer.progress("test")).toBeUndefined();
});

test("offline, a missing agent is an error that names the cure, and nothing is asked", async () => {
  const { registry, create } = await setUp();
  publishAgent(registry, "1.0.0");
  const offline = create({ offline: true });
  await expect(offline.ensure("test", testRecipe)).rejects.toMatchObject({
    kind: "agent_not_installed",
    extensions: { agent: "test" },
    message: expect.stringMatching(/^agent not installed: test; .*--offline.*PATH/),
  });
  expect(registry.requests).toEqual([]);
  await create().install("test", testRecipe);
  expect((await offline.ensure("test", testRecipe)).version).toBe("1.0.0");
  await expect(offline.ensure("test", testRecipe, "2.0.0")).rejects.toMatchObject({
    message: expect.stringContaining("test 2.0.0"),
  });
});

test("a caller who leaves does not disturb the others; the last one ends the install", async () => {
  const { registry, installer, folder } = await setUp();
  publishAgent(registry, "1.0.0");
  const { promise, resolve } = Promise.withResolvers<void>();
  registry.break(/\.tgz$/, { kind: "stalled", until: promise });
  onTestFinished(() => resolve());
  const [first, second] = [new AbortController(), new AbortController()];
  const left = [first, second].map(({ signal }) =>
    installer.install("test", testRecipe, { signal }),
  );
  const outcome = Promise.allSettled(left);
  await expect.poll(() => installer.progress("test")?.receivedBytes).toBeGreaterThan(0);
  first.abort(new Error("first left"));
  await expect(left[0]).rejects.toThrow("first left");
  expect(installer.progress("test")?.phase).toBe("downloading");
  second.abort(new Error("second left"));
  await expect(left[1]).rejects.toThrow("second left");
  await outcome;
  expect(await readdir(folder)).toEqual([]);
  registry.heal();
  expect((await installer.install("test", testRecipe)).version).toBe("1.0.0");
});

test("disposal ends running installs, leaves nothing behind and refuses new ones", async () => {
  const { registry, installer, folder } = await setUp();
  publishAgent(registry, "1.0.0");
  const { promise, resolve } = Promise.withResolvers<void>();
  registry.break(/\.tgz$/, { kind: "stalled", until: promise });
  onTestFinished(() => resolve());
  const installing = Promise.allSettled([installer.install("test", testRecipe)]);
  await expect.poll(() => installer.progress("test")?.receivedBytes).toBeGreaterThan(0);
  await installer[Symbol.asyncDispose]();
  expect(await readdir(folder)).toEqual([]);
  const stopping = {
    kind: "install_failed",
    extensions: { details: { stderr: "the daemon is stopping" } },
  };
  expect(await installing).toMatchObject([{ status: "rejected", reason: stopping }]);
  await expect(installer.install("test", testRecipe)).rejects.toMatchObject(stopping);
  await installer[Symbol.asyncDispose]();
});

test("a platform without a build is an error that names it", async () => {
  const { create } = await setUp();
  const installer = create({ platform: { os: "darwin", cpu: "arm64", libc: null, avx2: false } });
  await expect(installer.install("test", testRecipe)).rejects.toMatchObject({
    message: "install failed: test: @test/agent has no build for darwin arm64",
    extensions: { agent: "test", details: { stderr: "@test/agent has no build for darwin arm64" } },
  });
});

test("a system-wide dir comes first unless a version is requested, and is never written to", async () => {
  const { home, registry, installDir, create } = await setUp();
  publishAgent(registry, "1.0.0");
  const systemDir = join(home.dir, "system");
  await create({ installDir: systemDir }).install("test", testRecipe);
  const installer = create({ systemDirs: [systemDir] });
  const path = join(systemDir, "test/1.0.0/bin/agent");
  expect(await installer.ensure("test", testRecipe)).toEqual({
    path,
    version: "1.0.0",
    source: "system",
  });
  publishAgent(registry, "1.1.0");
  const own = await installer.install("test", testRecipe, { version: "1.1.0" });
  expect(own.path).toBe(join(installDir, "test/1.1.0/bin/agent"));
  expect((await installer.find("test", testRecipe))?.path).toBe(path);
  expect((await installer.find("test", testRecipe, "^1.0.0"))?.version).toBe("1.1.0");
  expect((await installer.find("test", testRecipe, "1.0.0"))?.path).toBe(path);
  expect((await readdir(join(systemDir, "test"))).sort()).toEqual(["1.0.0", "current"]);
});

test("an agent that is planted in the install dir does not replace the system-wide one", async () => {
  const { home, registry, installDir, create } = await setUp();
  publishAgent(registry, "1.0.0");
  publishAgent(registry, "99.0.0");
  const systemDir = join(home.dir, "system");
  await create({ installDir: systemDir }).install("test", testRecipe, { version: "1.0.0" });
  await create().install("test", testRecipe, { version: "99.0.0" });
  const installer = create({ systemDirs: [systemDir] });
  expect(await installer.ensure("test", testRecipe)).toMatchObject({ source: "system" });
  // A system-wide folder that is the install dir is one folder.
  const one = create({ systemDirs: [installDir] });
  expect(await one.find("test", testRecipe)).toMatchObject({ source: "install-dir" });
});

test.each(["..", ".", "test", "test/1.0.0", "test/1.0.0/bin", "test/1.0.0/bin/agent"])(
  "a system-wide agent is not used when another user can write to its %s",
  async (path) => {
    const { home, registry, create } = await setUp();
    publishAgent(registry, "1.0.0");
    const systemDir = join(home.dir, "system/agents");
    await create({ installDir: systemDir }).install("test", testRecipe);
    const lines: string[] = [];
    const log = { info: () => {}, warn: (line: string) => lines.push(line) };
    const installer = create({ systemDirs: [systemDir], offline: true, log });
    expect((await installer.find("test", testRecipe))?.source).toBe("system");
    for (const mode of [0o775, 0o757]) {
      await chmod(join(systemDir, path), mode);
      expect(await installer.find("test", testRecipe), mode.toString(8)).toBeUndefined();
    }
    expect(lines).toEqual([expect.stringContaining("is not used: a user besides root")]);
    await chmod(join(systemDir, path), 0o755);
    expect((await installer.find("test", testRecipe))?.source).toBe("system");
  },
);

test.runIf(process.getuid?.() === 0)(
  "a system-wide agent is not used when its folder belongs to another user",
  async () => {
    const { home, registry, create } = await setUp();
    publishAgent(registry, "1.0.0");
    const systemDir = join(home.dir, "system");
    await create({ installDir: systemDir }).install("test", testRecipe);
    const installer = create({ systemDirs: [systemDir], offline: true });
    await chown(join(systemDir, "test"), 12_345, 12_345);
    expect(await installer.find("test", testRecipe)).toBeUndefined();
  },
);

test("an install takes from others the right to write to the agent's folder", async () => {
  const { registry, installer, folder } = await setUp();
  publishAgent(registry, "1.0.0");
  await installer.install("test", testRecipe);
  for (const path of [folder, join(folder, "1.0.0")]) await chmod(path, 0o777);
  await installer.install("test", testRecipe, { reinstall: true });
  for (const path of [folder, join(folder, "1.0.0")]) {
    expect((await stat(path)).mode & 0o777, path).toBe(0o755);
  }
});

test("a version is looked up by name only if it is one", async () => {
  const { registry, installer, installDir } = await setUp();
  publishAgent(registry, "1.0.0");
  await installer.install("test", testRecipe);
  await mkdir(join(installDir, "other"));
  for (const wanted of ["../test/1.0.0", "current", "latest"]) {
    expect(await installer.find("test", testRecipe, wanted), wanted).toBeUndefined();
  }
});
