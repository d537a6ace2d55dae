import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  defaultInstallDir,
  defaultSystemDirs,
  findOnPath,
} from "../../src/install/find-executable.ts";
import { Installer } from "../../src/install/installer.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { LINUX, testRecipe } from "../support/test-agent.ts";

async function setUp() {
  const home = await temporaryHome();
  onTestFinished(() => home[Symbol.asyncDispose]());
  const write = async (path: string, content: string, mode: number) => {
    await mkdir(join(home.dir, path, ".."), { recursive: true });
    await writeFile(join(home.dir, path), content, { mode });
  };
  return { home, write };
}

test.each([
  {
    title: "the user's data folder on Linux",
    os: "linux" as const,
    env: {},
    is: "/home/me/.local/share/sandbox-agent/agents",
  },
  {
    title: "XDG_DATA_HOME",
    os: "linux" as const,
    env: { XDG_DATA_HOME: "/data" },
    is: "/data/sandbox-agent/agents",
  },
  {
    title: "not a relative XDG_DATA_HOME",
    os: "linux" as const,
    env: { XDG_DATA_HOME: "data" },
    is: "/home/me/.local/share/sandbox-agent/agents",
  },
  {
    title: "Application Support on macOS",
    os: "darwin" as const,
    env: { XDG_DATA_HOME: "/data" },
    is: "/home/me/Library/Application Support/sandbox-agent/agents",
  },
  {
    title: "LOCALAPPDATA on Windows",
    os: "win32" as const,
    env: { LOCALAPPDATA: "/local" },
    is: "/local/sandbox-agent/agents",
  },
])("the default install dir is in $title", ({ os, env, is }) => {
  expect(defaultInstallDir(os, env, "/home/me")).toBe(is);
});

test("the system-wide dir is the same for all users", () => {
  expect(defaultSystemDirs("linux", {})).toEqual(["/usr/local/lib/sandbox-agent/agents"]);
  expect(defaultSystemDirs("win32", { ProgramData: "/shared" })).toEqual([
    "/shared/sandbox-agent/agents",
  ]);
  expect(defaultSystemDirs("win32", {})).toEqual([]);
});

test("on PATH only a regular file that may be run counts, in the order of PATH", async () => {
  const { home, write } = await setUp();
  await mkdir(join(home.dir, "folder/tool"), { recursive: true });
  await write("plain/tool", "not executable", 0o644);
  await mkdir(join(home.dir, "dangling"));
  await symlink("/nonexistent", join(home.dir, "dangling/tool"));
  await write("real/tool", "#!/bin/sh\n", 0o755);
  await mkdir(join(home.dir, "linked"));
  await symlink(join(home.dir, "real/tool"), join(home.dir, "linked/tool"));
  const path = (...folders: string[]) => ({
    PATH: folders.map((folder) => join(home.dir, folder)).join(":"),
  });

  const useless = ["folder", "plain", "dangling", "missing"];
  expect(await findOnPath("tool", "linux", path(...useless))).toBeUndefined();
  expect(await findOnPath("tool", "linux", path(...useless, "linked", "real"))).toBe(
    join(home.dir, "linked/tool"),
  );
  expect(await findOnPath("tool", "linux", {})).toBeUndefined();
});

test("a relative entry of PATH does not count", async () => {
  const { home, write } = await setUp();
  await write("here/tool", "#!/bin/sh\n", 0o755);
  const before = process.cwd();
  process.chdir(join(home.dir, "here"));
  onTestFinished(() => process.chdir(before));
  for (const PATH of [".", "", ":", "../here"]) {
    expect(await findOnPath("tool", "linux", { PATH }), PATH).toBeUndefined();
  }
});

test("an executable on PATH satisfies a session, and a wanted version if it is that one", async () => {
  const { home, write } = await setUp();
  await write("bin/test-agent", "#!/bin/sh\necho '3.2.1 (Test Agent)'\n", 0o755);
  const env = { PATH: `${join(home.dir, "bin")}:/usr/bin:/bin`, HOME: home.dir };
  const installDir = join(home.dir, "agents");
  await using installer = new Installer({ installDir, env, platform: LINUX, offline: true });
  const found = { path: join(home.dir, "bin/test-agent"), version: "3.2.1", source: "path" };
  expect(await installer.ensure("test", testRecipe)).toEqual(found);
  expect(await installer.ensure("test", testRecipe, "3.2.1")).toEqual(found);
  expect(await installer.find("test", testRecipe, "^3.0.0")).toEqual(found);
  expect(await installer.find("test", testRecipe, "3.2.2")).toBeUndefined();
  expect(await installer.find("test", testRecipe, "latest")).toBeUndefined();
});

test("the install dir comes before PATH, also for a platform on which only PATH can serve", async () => {
  const { home, write } = await setUp();
  await write("bin/test-agent", "#!/bin/sh\necho 1.0.0\n", 0o755);
  await write("agents/test/2.0.0/bin/agent", "#!/bin/sh\necho 2.0.0\n", 0o755);
  const env = { PATH: join(home.dir, "bin") };
  const installDir = join(home.dir, "agents");
  await using installer = new Installer({ installDir, env, platform: LINUX });
  expect(await installer.find("test", testRecipe)).toMatchObject({
    version: "2.0.0",
    source: "install-dir",
  });
  const platform = { os: "darwin", cpu: "x64", libc: null, avx2: false } as const;
  await using other = new Installer({ installDir, env, platform });
  expect(await other.find("test", testRecipe)).toMatchObject({ version: "1.0.0", source: "path" });
});

test("a version folder without its executable is not an installed version", async () => {
  const { home, write } = await setUp();
  await write("agents/test/3.0.0/README.md", "x", 0o644);
  await write("agents/test/2.0.0/bin/agent", "not executable", 0o644);
  await write("agents/test/1.0.0/bin/agent", "#!/bin/sh\n", 0o755);
  await symlink("3.0.0", join(home.dir, "agents/test/current"));
  const installDir = join(home.dir, "agents");
  await using installer = new Installer({ installDir, env: {}, platform: LINUX });
  expect((await installer.find("test", testRecipe))?.version).toBe("1.0.0");
  expect(await installer.find("test", testRecipe, "2.0.0")).toBeUndefined();
});
