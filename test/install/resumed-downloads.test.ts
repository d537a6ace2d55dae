import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { Installer } from "../../src/install/installer.ts";
import { fakeTimers } from "../support/fake-timers.ts";
import { FakeRegistry, type Fault, type RegistryOptions } from "../support/fake-registry.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { LINUX, publishAgent, testRecipe } from "../support/test-agent.ts";

const run = promisify(execFile);
const TARBALL = /\.tgz$/;
const NEVER = new Promise<never>(() => {});

async function setUp(options: RegistryOptions = {}, stallTimeoutMs = 1000) {
  const disposables = new AsyncDisposableStack();
  onTestFinished(() => disposables.disposeAsync());
  const home = disposables.use(await temporaryHome());
  const registry = disposables.use(await FakeRegistry.start(options));
  const installDir = join(home.dir, "agents");
  const env = { SANDBOX_AGENT_REGISTRY: registry.url };
  const installer = disposables.use(
    new Installer({ installDir, env, platform: LINUX, stallTimeoutMs }),
  );
  publishAgent(registry, "1.0.0");
  const install = () => installer.install("test", testRecipe);
  return { registry, installer, install, folder: join(installDir, "test") };
}

async function expectWorking(path: string): Promise<void> {
  const { stdout } = await run(path, [], { env: { PATH: "/usr/bin:/bin" } });
  expect(stdout).toBe("1.0.0 (Test Agent)\n");
}

test.each<{ title: string; fault: Fault }>([
  { title: "is cut", fault: { kind: "cut" } },
  { title: "stalls", fault: { kind: "stalled", until: NEVER } },
])("a download that $title goes on at the byte where it was", async ({ fault }) => {
  const { registry, install } = await setUp();
  registry.break(TARBALL, fault, 1);
  await expectWorking((await install()).path);
  const [whole, rest, ...more] = registry.ranges;
  expect(whole).toBeUndefined();
  expect(Number(/^bytes=(\d+)-$/.exec(rest ?? "")?.[1])).toBeGreaterThan(100_000);
  expect(more).toEqual([]);
});

test("a registry that knows no ranges is asked again, and what is there already is passed over", async () => {
  const { registry, install } = await setUp({ ranges: false });
  registry.break(TARBALL, { kind: "cut" }, 1);
  await expectWorking((await install()).path);
  expect(registry.downloads).toBe(2);
});

test("a download may break off any number of times as long as it gets on", async () => {
  const { registry, install } = await setUp({}, 3_600_000);
  registry.break(TARBALL, { kind: "portion", bytes: 60_000 });
  using timers = fakeTimers();
  await expectWorking((await timers.settle(install())).path);
  const starts = registry.ranges.map((range = "0") => Number(range.replaceAll(/\D/g, "")));
  expect(starts.length).toBeGreaterThan(4);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
});

test("the progress of a resumed download goes on as well", async () => {
  const { registry, installer, install } = await setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  registry.break(TARBALL, { kind: "stalled", until: promise });
  registry.break(TARBALL, { kind: "portion", bytes: 60_000 }, 1);
  onTestFinished(() => resolve());
  const installing = install();
  await expect.poll(() => installer.progress("test")?.receivedBytes).toBeGreaterThan(100_000);
  expect(installer.progress("test")?.totalBytes).toBeGreaterThan(300_000);
  resolve();
  await installing;
});

test.each<{ title: string; fault: Fault; stderr: RegExp }>([
  { title: "altered", fault: { kind: "altered" }, stderr: /sha512|incorrect|invalid/ },
  { title: "gone", fault: { kind: "status", status: 404 }, stderr: /1\.0\.0\.tgz answered 404$/ },
  { title: "silent", fault: { kind: "silent" }, stderr: /^cannot get .*timeout/i },
  { title: "cut again", fault: { kind: "portion", bytes: 0 }, stderr: /broke off|cannot get/ },
])("where the rest is $title, nothing is installed", async ({ fault, stderr }) => {
  const { registry, installer, install, folder } = await setUp();
  registry.break(TARBALL, fault);
  registry.break(TARBALL, { kind: "cut" }, 1);
  await expect(install()).rejects.toMatchObject({
    kind: "install_failed",
    extensions: { details: { stderr: expect.stringMatching(stderr) } },
  });
  expect(await readdir(folder)).toEqual([]);
  expect(await installer.find("test", testRecipe)).toBeUndefined();
});
