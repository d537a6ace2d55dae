import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseVersion, VersionProbe } from "../../src/install/version-probe.ts";
import { expectNoProcesses, processesWith } from "../support/processes.ts";
import { temporaryHome } from "../support/sandbox.ts";

async function setUp(script: string, timeLimitMs?: number) {
  const home = await temporaryHome();
  onTestFinished(() => home[Symbol.asyncDispose]());
  const path = join(home.dir, "agent");
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const probe = new VersionProbe(
    {
      ...home.env,
      SECRET: "secret",
      MISE_DATA_DIR: "/m",
      MISE_GITHUB_TOKEN: "secret",
    },
    timeLimitMs,
  );
  return { home, path, probe, read: () => probe.read(path, ["--version"]) };
}

test.each([
  ["2.1.330 (Claude Code)\n", "2.1.330"],
  ["codex-cli 0.169.0\n", "0.169.0"],
  ["1.18.33\n", "1.18.33"],
  ["\n0.0.1790142911-g7618fb (released 2026-09-22)\n", "0.0.1790142911-g7618fb"],
  ["nightly build (local)\n", "nightly build"],
  ["", undefined],
])("the version in %j is %s", (output, version) => {
  expect(parseVersion(output)).toBe(version);
});

test("an executable is asked once, until it changes", async () => {
  const { home, path, read } = await setUp('echo asked >> "$HOME/asked"; echo "1.0.0 $1"');
  const asked = async () =>
    (await readFile(join(home.dir, "asked"), "utf8")).split("\n").length - 1;
  expect(await Promise.all([read(), read(), read()])).toEqual(["1.0.0", "1.0.0", "1.0.0"]);
  expect(await asked()).toBe(1);
  await utimes(path, new Date(0), new Date(0));
  await read();
  expect(await asked()).toBe(2);
});

test("an executable sees nothing of the environment but what it needs to start", async () => {
  const { home, read } = await setUp('/usr/bin/env > "$HOME/env"; echo 1.0.0');
  await read();
  const seen = await readFile(join(home.dir, "env"), "utf8");
  expect(seen).toContain(`HOME=${home.dir}`);
  expect(seen).not.toContain("secret");
  expect(seen).not.toContain("XDG_RUNTIME_DIR");
  expect(seen).toContain("MISE_DATA_DIR=/m");
});

test("an executable that hangs is given up, and what it has started ends with it", async () => {
  const { home, read } = await setUp("trap '' TERM; setsid sleep 1000 & sleep 1000", 300);
  expect(await read()).toBeUndefined();
  await expectNoProcesses(home.dir);
});

test("a process that an executable leaves behind neither delays the answer nor lives on", async () => {
  const { home, read } = await setUp("setsid sleep 1000 & echo 1.0.0");
  expect(await read()).toBe("1.0.0");
  await expectNoProcesses(home.dir);
});

test("disposal ends an executable that is being asked", async () => {
  const { home, probe, read } = await setUp("sleep 1000");
  const reading = read();
  await expect.poll(() => processesWith(`HOME=${home.dir}`)).not.toEqual([]);
  await probe[Symbol.asyncDispose]();
  expect(await reading).toBeUndefined();
  await expectNoProcesses(home.dir);
});

test.each([
  { title: "fails", script: "echo 1.0.0; exit 3" },
  { title: "floods", script: "yes 1.0.0" },
  { title: "says nothing", script: "true" },
])("an executable that $title has no version, and is not waited for", async ({ script }) => {
  const { home, read } = await setUp(script, 600_000);
  expect(await read()).toBeUndefined();
  await expectNoProcesses(home.dir);
});

test("who has no patience is given nothing at first, and the version once it is there", async () => {
  const { path, probe } = await setUp("sleep 0.3; echo 1.0.0");
  const read = () => probe.read(path, ["--version"], 10);
  expect(await read()).toBeUndefined();
  await expect.poll(read).toBe("1.0.0");
});
