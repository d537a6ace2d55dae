import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { execa } from "execa";
import packageManifest from "../package.json" with { type: "json" };
import { version } from "../src/version.ts";
import { compile } from "./compile.ts";
import { type Target, targets } from "./targets.ts";

const HELP = `Puts all files of a release into one folder, as install.sh expects them on a host.

  node scripts/release.ts [--out <folder>] [--target <name>]… [--dry-run]

It refuses where something is not committed, where there is a tag of the version, and where CHANGELOG.md
has no section of it with a date.

  --out      default: release/${version}
  --dry-run  check that, and tell the files that would be made
  --target   instead of all: ${targets.map(({ name }) => name).join(", ")}
`;

const repository = join(import.meta.dirname, "..");

/** A reason not to release. */
class Refusal extends Error {}

const OTHERS = ["RELEASE_NOTES.md", "install.sh", "sbom.cdx.json"];
const PACKINGS = ["xz", "gz"];

try {
  await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`release: ${error.message}`);
  process.exitCode = 1;
}

/** @throws {Refusal} when an option is invalid or the version cannot be released. */
async function main(): Promise<void> {
  const { out, target, "dry-run": isDryRun, help } = readOptions();
  if (help === true) return console.log(HELP);
  const wanted = wantedTargets(target);
  await (isDryRun ? rehearse(out, wanted) : release(out, wanted));
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        out: { type: "string", default: join(repository, "release", version) },
        target: { type: "string", multiple: true, default: targets.map(({ name }) => name) },
        "dry-run": { type: "boolean", default: false },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : String(error)} See --help.`);
  }
}

function wantedTargets(names: readonly string[]): Target[] {
  const wanted = targets.filter(({ name }) => names.includes(name));
  if (wanted.length !== names.length) throw new Refusal(`unknown target in ${names.join(", ")}`);
  return wanted;
}

async function rehearse(folder: string, wanted: readonly Target[]): Promise<void> {
  await requireReleasable();
  const packed = wanted.flatMap(({ name }) =>
    PACKINGS.map((packing) => `sandbox-agent-${name}.${packing}`),
  );
  const files = [...packed, `sandbox-agent-${version}.tgz`, ...OTHERS, "SHA256SUMS"];
  for (const file of files) console.log(file);
  console.log(`${files.length} files would be in ${folder}`);
}

async function release(folder: string, wanted: readonly Target[]): Promise<void> {
  const notes = await requireReleasable();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const target of wanted) {
    const program = join(folder, `sandbox-agent-${target.name}`);
    await compile(target, program);
    for (const packing of PACKINGS) {
      files.push(await pack(program, packing));
      console.log(files.at(-1));
    }
    await rm(program);
  }
  files.push(await packPackage(folder));
  await writeFile(join(folder, "RELEASE_NOTES.md"), notes);
  await writeFile(join(folder, "sbom.cdx.json"), await bill());
  await copyFile(join(repository, "install.sh"), join(folder, "install.sh"));
  const listed = [...files, ...OTHERS];
  const sums = await Promise.all(
    listed.map(async (name) => `${await sha256(join(folder, name))}  ${name}\n`),
  );
  await writeFile(join(folder, "SHA256SUMS"), sums.join(""));
  // As those who download it do.
  await execa("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], { cwd: folder });
  console.log(`${listed.length + 1} files in ${folder}`);
}

/**
 * The release notes of this version, from CHANGELOG.md.
 *
 * @throws {Refusal} when the version cannot be released.
 */
async function requireReleasable(): Promise<string> {
  const { stdout: changed } = await git("status", "--porcelain");
  if (changed !== "") throw new Refusal(`these are not committed:\n${changed}`);
  const { stdout: tag } = await git("tag", "--list", `v${version}`);
  if (tag !== "") throw new Refusal(`there is a tag ${tag} already: it has been released`);
  return await releaseNotes();
}

async function git(...args: string[]) {
  return await execa("git", args, { cwd: repository });
}

/** The section of this version, which has a date and says something. */
async function releaseNotes(): Promise<string> {
  const changelog = await readFile(join(repository, "CHANGELOG.md"), "utf8");
  const sections = changelog.split(/^## /m);
  const section = sections.find((part) => part.startsWith(`[${version}]`));
  if (section === undefined) throw new Refusal(`CHANGELOG.md says nothing of ${version}`);
  const [heading = "", ...rest] = section.split("\n");
  if (!/^\[[^\]]+\] - \d{4}-\d{2}-\d{2}$/.test(heading)) {
    throw new Refusal(`CHANGELOG.md has no date for ${version}, but says: ${heading}`);
  }
  if (!rest.some((line) => line.startsWith("- "))) {
    throw new Refusal(`CHANGELOG.md says nothing below ${heading}`);
  }
  return `## ${section.trim()}\n`;
}

/** Packs a file beside it and gives the name of what comes out; the same every time. */
async function pack(file: string, packing: string): Promise<string> {
  const [command = "", ...args] =
    packing === "xz" ? ["xz", "-T0", "-6", "--keep", "--force"] : ["gzip", "-9", "-n", "-k", "-f"];
  await execa(command, [...args, file]);
  return `${file.split("/").at(-1)}.${packing}`;
}

/** The npm package, built anew. */
async function packPackage(folder: string): Promise<string> {
  const { stdout } = await execa("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: repository,
  });
  return stdout.trim().split("\n").at(-1) ?? "";
}

/** What the program is made of (CycloneDX), without what only its making needs. */
async function bill(): Promise<string> {
  // With `--omit dev` npm would leave out what a development dependency needs as well (11.19).
  const parent = await mkdtemp(join(tmpdir(), "bill-"));
  try {
    // npm names the component after the folder.
    const cwd = join(parent, "sandbox-agent");
    await mkdir(cwd);
    const { name, version, license, dependencies } = packageManifest;
    const manifest = { name, version, license, dependencies };
    await writeFile(join(cwd, "package.json"), JSON.stringify(manifest));
    await copyFile(join(repository, "package-lock.json"), join(cwd, "package-lock.json"));
    await execa("npm", ["install", "--package-lock-only"], { cwd });
    const args = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"];
    return `${(await execa("npm", args, { cwd })).stdout}\n`;
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
