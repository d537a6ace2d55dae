import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { Installer } from "../../src/install/installer.ts";
import { FakeRegistry, type Fault } from "../support/fake-registry.ts";
import { temporaryHome } from "../support/sandbox.ts";
import type { TarballEntry } from "../support/tarball.ts";
import {
  agentEntries,
  LINUX,
  META_PACKAGE,
  PLATFORM_PACKAGE,
  publishAgent,
  testRecipe,
} from "../support/test-agent.ts";
import { compileCache } from "../support/program.ts";

const FIXTURE = join(import.meta.dirname, "../fixtures/bin/install-agent.ts");
const run = promisify(execFile);

/** A machine on which 1.0.0 is installed and a registry that also has 2.0.0. */
async function setUp() {
  const disposables = new AsyncDisposableStack();
  onTestFinished(() => disposables.disposeAsync());
  const home = disposables.use(await temporaryHome());
  const registry = disposables.use(await FakeRegistry.start());
  const installDir = join(home.dir, "agents");
  const env = { ...home.env, SANDBOX_AGENT_REGISTRY: registry.url };
  const installer = disposables.use(
    new Installer({ installDir, env, platform: LINUX, stallTimeoutMs: 1000 }),
  );
  publishAgent(registry, "1.0.0");
  await installer.install("test", testRecipe);
  publishAgent(registry, "2.0.0");
  return { registry, installer, installDir, folder: join(installDir, "test"), env };
}

type Machine = Awaited<ReturnType<typeof setUp>>;

/** The version that was there works, is current, and nothing lies beside it. */
async function expectUntouched({ installer, folder }: Machine): Promise<void> {
  const found = await installer.find("test", testRecipe);
  expect(found?.version).toBe("1.0.0");
  const { stdout } = await run(found?.path ?? "", [], { env: { PATH: "/usr/bin:/bin" } });
  expect(stdout).toBe("1.0.0 (Test Agent)\n");
  expect((await readdir(folder)).sort()).toEqual(["1.0.0", "current"]);
}

async function installNew({ installer }: Machine): Promise<unknown> {
  return await installer.install("test", testRecipe, { version: "2.0.0" }).catch((error) => error);
}

function failure(stderr: RegExp) {
  return {
    kind: "install_failed",
    message: expect.stringMatching(/^install failed: test: ./),
    extensions: { agent: "test", details: { stderr: expect.stringMatching(stderr) } },
  };
}

const NEVER = new Promise<never>(() => {});
const META = /^\/@test\/agent$/;
const PLATFORM = /^\/@test\/agent-linux-x64$/;
const TARBALL = /agent-linux-x64-2\.0\.0\.tgz$/;

test.each<{ title: string; path: RegExp; fault: Fault; stderr: RegExp }>([
  {
    title: "a registry without the meta package",
    path: META,
    fault: { kind: "status", status: 404 },
    stderr: /^the registry http:\S+ has no package @test\/agent$/,
  },
  {
    title: "a registry without the platform package",
    path: PLATFORM,
    fault: { kind: "status", status: 404 },
    stderr: /has no package @test\/agent-linux-x64$/,
  },
  {
    title: "a registry that fails",
    path: META,
    fault: { kind: "status", status: 500 },
    stderr: /answered 500$/,
  },
  {
    title: "a registry that never answers",
    path: META,
    fault: { kind: "silent" },
    stderr: /^cannot get http:\S+: .*timeout/i,
  },
  {
    title: "a registry that never answers for the tarball",
    path: TARBALL,
    fault: { kind: "silent" },
    stderr: /^cannot get http:\S+2\.0\.0\.tgz: .*timeout/i,
  },
  {
    title: "metadata that is not JSON",
    path: META,
    fault: { kind: "body", body: "<html>" },
    stderr: /not npm metadata$/,
  },
  {
    title: "metadata of something else",
    path: META,
    fault: { kind: "body", body: '{"versions":3}' },
    stderr: /not npm metadata$/,
  },
  {
    title: "a version without a tarball",
    path: META,
    fault: { kind: "body", body: '{"versions":{"2.0.0":{}}}' },
    stderr: /^the metadata of @test\/agent@2\.0\.0 is not as expected$/,
  },
  {
    title: "a tarball that is not there",
    path: TARBALL,
    fault: { kind: "status", status: 404 },
    stderr: /2\.0\.0\.tgz answered 404$/,
  },
  {
    title: "an altered tarball",
    path: TARBALL,
    fault: { kind: "altered" },
    stderr: /sha512|incorrect|invalid/,
  },
  {
    title: "a truncated tarball",
    path: TARBALL,
    fault: { kind: "truncated" },
    stderr: /sha512|unexpected end/,
  },
  {
    title: "an empty tarball",
    path: TARBALL,
    fault: { kind: "body", body: "" },
    stderr: /sha512|unexpected end/,
  },
  {
    title: "a page in the place of the tarball",
    path: TARBALL,
    fault: { kind: "body", body: "<html>sign in</html>" },
    stderr: /sha512|incorrect header/,
  },
  {
    title: "a connection that is cut",
    path: TARBALL,
    fault: { kind: "cut" },
    stderr: /2\.0\.0\.tgz broke off: /,
  },
  {
    title: "a connection that stalls",
    path: TARBALL,
    fault: { kind: "stalled", until: NEVER },
    stderr: /2\.0\.0\.tgz broke off: .*timeout/i,
  },
  {
    title: "redirects without end",
    path: TARBALL,
    fault: { kind: "redirect", to: "/@test/agent-linux-x64/-/agent-linux-x64-2.0.0.tgz" },
    stderr: /redirect|answered 302/i,
  },
])("$title leaves everything as it was", async ({ path, fault, stderr }) => {
  const machine = await setUp();
  machine.registry.break(path, fault);
  expect(await installNew(machine)).toMatchObject(failure(stderr));
  await expectUntouched(machine);

  machine.registry.heal();
  expect(await installNew(machine), "afterwards").toMatchObject({ version: "2.0.0" });
});

const GOOD = agentEntries("2.0.0");

test.each<{ title: string; entries: TarballEntry[]; stderr: RegExp }>([
  {
    title: "a path that leaves the folder",
    entries: [...GOOD, { path: "package/../../../escaped", content: "x" }],
    stderr: /^the tarball holds File package\/\.\.\/\.\.\/\.\.\/escaped$/,
  },
  {
    title: "a path that leaves a wanted folder",
    entries: [...GOOD, { path: "package/resources/../../../escaped", content: "x" }],
    stderr: /escaped$/,
  },
  {
    title: "an absolute path",
    entries: [...GOOD, { path: "/package/bin/agent", content: "x" }],
    stderr: /^the tarball holds File \/package/,
  },
  {
    title: "a link in the place of the executable",
    entries: [{ path: "package/bin/agent", type: "SymbolicLink", linkpath: "/bin/sh" }],
    stderr: /^the tarball holds SymbolicLink package\/bin\/agent$/,
  },
  {
    title: "a linked folder through which a file is written",
    entries: [
      { path: "package/resources", type: "SymbolicLink", linkpath: "/tmp" },
      { path: "package/resources/escaped", content: "x" },
    ],
    stderr: /SymbolicLink/,
  },
  {
    title: "a hard link",
    entries: [...GOOD, { path: "package/resources/shadow", type: "Link", linkpath: "/etc/shadow" }],
    stderr: /^the tarball holds Link/,
  },
  {
    title: "a device",
    entries: [...GOOD, { path: "package/resources/device", type: "CharacterDevice" }],
    stderr: /^the tarball holds CharacterDevice/,
  },
  {
    title: "no executable",
    entries: [{ path: "package/README.md", content: "x" }],
    stderr: /^the tarball of @test\/agent-linux-x64 has no bin\/agent$/,
  },
  {
    title: "a folder in the place of the executable",
    entries: [{ path: "package/bin/agent/", type: "Directory" }],
    stderr: /has no bin\/agent$/,
  },
  {
    title: "the executable twice",
    entries: [...GOOD, { path: "package/bin/agent", content: "x" }],
    stderr: /EEXIST/,
  },
])("a tarball with $title is refused", async ({ entries, stderr }) => {
  const machine = await setUp();
  machine.registry.publish(PLATFORM_PACKAGE, "2.0.0", { entries });
  expect(await installNew(machine)).toMatchObject(failure(stderr));
  await expectUntouched(machine);
  expect(await readdir(machine.installDir)).toEqual(["test"]);
});

test.each([
  { title: "no integrity", integrity: null, stderr: /^the registry gives no sha512/ },
  { title: "only a sha1", integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", stderr: /no sha512/ },
  {
    title: "another sha512",
    integrity: `sha512-${Buffer.alloc(64).toString("base64")}`,
    stderr: /does not have the sha512 that the registry promises/,
  },
])("a tarball for which the registry gives $title is refused", async ({ integrity, stderr }) => {
  const machine = await setUp();
  machine.registry.publish(PLATFORM_PACKAGE, "2.0.0", { entries: GOOD, integrity });
  expect(await installNew(machine)).toMatchObject(failure(stderr));
  await expectUntouched(machine);
});

test("a version that is no version never becomes a path", async () => {
  const machine = await setUp();
  machine.registry.publish(META_PACKAGE, "../../evil", { tags: ["evil"] });
  machine.registry.publish(PLATFORM_PACKAGE, "../../evil", { entries: GOOD });
  const failed = machine.installer.install("test", testRecipe, { version: "evil" });
  await expect(failed).rejects.toMatchObject(failure(/^the registry has no version evil of/));
  await expectUntouched(machine);
});

test("what a killed daemon left is removed by the next install, what a living one does is not", async () => {
  const machine = await setUp();
  const { registry, folder, installDir, env } = machine;
  registry.break(TARBALL, { kind: "stalled", until: NEVER });
  const before = registry.downloads;
  const daemon = execFile(process.execPath, [...compileCache, FIXTURE, installDir], { env });
  await expect.poll(() => registry.downloads, { timeout: 60_000 }).toBe(before + 1);
  const leftovers = async () => (await readdir(folder)).filter((name) => name.startsWith(".tmp"));
  await expect.poll(leftovers).toHaveLength(1);
  await installNew(machine);
  expect(await leftovers(), "of the living one").toHaveLength(1);

  daemon.kill("SIGKILL");
  await once(daemon, "close");
  expect((await machine.installer.find("test", testRecipe))?.version).toBe("1.0.0");
  registry.heal();
  await installNew(machine);
  expect(await leftovers(), "of the dead one").toEqual([]);
});

test("leftovers of other hosts and of earlier processes with our pid are told from living ones", async () => {
  const machine = await setUp();
  const host = hostname().replaceAll(/[^A-Za-z0-9]/g, "-");
  const names = {
    fresh: `.tmp_elsewhere_1_1_a`,
    old: `.tmp_elsewhere_1_1_b`,
    earlier: `.tmp_${host}_${process.pid}_1_c`,
  };
  for (const name of Object.values(names)) {
    await mkdir(join(machine.folder, name));
    await writeFile(join(machine.folder, name, "file"), "x");
  }
  const longAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
  await utimes(join(machine.folder, names.old), longAgo, longAgo);
  await installNew(machine);
  expect((await readdir(machine.folder)).sort()).toEqual([
    names.fresh,
    "1.0.0",
    "2.0.0",
    "current",
  ]);
});

test("two daemons that share a dir install at once without harm", async () => {
  const machine = await setUp();
  const { installDir, env, folder } = machine;
  const results = await Promise.all(
    [1, 2, 3].map(() => run(process.execPath, [...compileCache, FIXTURE, installDir], { env })),
  );
  for (const { stdout } of results) expect(JSON.parse(stdout)).toMatchObject({ version: "2.0.0" });
  const found = await machine.installer.find("test", testRecipe);
  expect((await run(found?.path ?? "", [], { env })).stdout).toBe("2.0.0 (Test Agent)\n");
  expect((await readdir(folder)).sort()).toEqual(["1.0.0", "2.0.0", "current"]);
});
