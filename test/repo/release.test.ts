import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { version } from "../../src/version.ts";
import { copyRepository, type RepositoryCopy } from "../support/repository-copy.ts";

let copy: RepositoryCopy;
beforeAll(async () => {
  copy = await copyRepository();
});
afterAll(() => copy[Symbol.asyncDispose]());

async function release(...args: string[]) {
  const script = ["scripts/release.ts", "--target", "linux-x64", ...args];
  return await execa(process.execPath, script, { cwd: copy.folder, reject: false });
}

/** Gives the version a section of the changelog, and commits it. */
async function writeSection(section: string): Promise<void> {
  await copy.edit("CHANGELOG.md", (text) => text.replace(/^## \[[^]*$/m, `${section}\n`));
  await copy.git("commit", "--quiet", "--all", "--allow-empty", "--message", "Section");
}

const DATED = `## [${version}] - 2026-01-31\n\n### Added\n\n- All of it.`;

it.each([
  [`## [${version}] - unreleased\n\n- All of it.`, `no date for ${version}`],
  [`## [${version}] (unreleased)\n\n- All of it.`, `no date for ${version}`],
  ["## [0.0.1] - 2026-01-31\n\n- Another.", `says nothing of ${version}`],
  [`## [${version}] - 2026-01-31\n\n### Added\n`, "says nothing below"],
])("a version of which the changelog says %j is refused", async (section, why) => {
  await writeSection(section);
  for (const args of [[], ["--dry-run"]]) {
    const { exitCode, stderr } = await release(...args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(why);
    expect(stderr).toMatch(/^release: [^\n]+$/);
  }
});

it("what is not committed is refused", async () => {
  await writeSection(DATED);
  const file = join(copy.folder, "notes.txt");
  await writeFile(file, "");
  const { exitCode, stderr } = await release("--dry-run");
  await copy.git("clean", "--force", "--quiet");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("not committed:\n?? notes.txt");
});

it("a release that was made before is not taken for a change", async () => {
  await writeSection(DATED);
  const folder = join(copy.folder, "release", version);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "SHA256SUMS"), "");
  const { exitCode } = await release("--dry-run");
  await rm(join(copy.folder, "release"), { recursive: true });
  expect(exitCode).toBe(0);
});

it("an unknown option is rejected in one line", async () => {
  const { exitCode, stderr } = await release("--outt", "x");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^release: Unknown option '--outt'[^\n]* See --help\.$/);
});

it("a version that has a tag is refused", async () => {
  await writeSection(DATED);
  await copy.git("tag", `v${version}`);
  const { exitCode, stderr } = await release("--dry-run");
  await copy.git("tag", "--delete", `v${version}`);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`a tag v${version} already`);
});

it("a rehearsal tells the files and makes none", async () => {
  await writeSection(DATED);
  const { exitCode, stdout } = await release("--dry-run");
  expect(exitCode).toBe(0);
  expect(stdout.split("\n")).toEqual([
    "sandbox-agent-linux-x64.xz",
    "sandbox-agent-linux-x64.gz",
    `sandbox-agent-${version}.tgz`,
    "RELEASE_NOTES.md",
    "install.sh",
    "sbom.cdx.json",
    "SHA256SUMS",
    `7 files would be in ${join(copy.folder, "release", version)}`,
  ]);
  expect(existsSync(join(copy.folder, "release"))).toBe(false);
});
