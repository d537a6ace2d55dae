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
import { targets } from "./targets.ts";

const HELP = `Puts all files of a release into one folder, as install.sh expects them on a host.

  node scripts/release.ts [--out <folder>] [--target <name>]…

  --out      default: release/${version}
  --target   instead of all: ${targets.map(({ name }) => name).join(", ")}
`;

const repository = join(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(repository, "release", version) },
    target: { type: "string", multiple: true, default: targets.map(({ name }) => name) },
    help: { type: "boolean" },
  },
});

if (values.help === true) console.log(HELP);
else await release(values.out, values.target);

async function release(folder: string, names: readonly string[]): Promise<void> {
  const wanted = targets.filter(({ name }) => names.includes(name));
  if (wanted.length !== names.length) throw new Error(`an unknown target in ${names.join(", ")}`);
  const notes = await releaseNotes();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const target of wanted) {
    const program = join(folder, `sandbox-agent-${target.name}`);
    await compile(target, program);
    for (const packing of ["xz", "gz"]) {
      files.push(await pack(program, packing));
      console.log(files.at(-1));
    }
    await rm(program);
  }
  files.push(await packPackage(folder));
  await writeFile(join(folder, "RELEASE_NOTES.md"), notes);
  await writeFile(join(folder, "sbom.cdx.json"), await bill());
  await copyFile(join(repository, "install.sh"), join(folder, "install.sh"));
  const listed = [...files, "RELEASE_NOTES.md", "install.sh", "sbom.cdx.json"];
  const sums = await Promise.all(
    listed.map(async (name) => `${await sha256(join(folder, name))}  ${name}\n`),
  );
  await writeFile(join(folder, "SHA256SUMS"), sums.join(""));
  console.log(`${listed.length + 1} files in ${folder}`);
}

/** What CHANGELOG.md says of this version; there is no release without. */
async function releaseNotes(): Promise<string> {
  const changelog = await readFile(join(repository, "CHANGELOG.md"), "utf8");
  const section = changelog.split(/^## /m).find((part) => part.startsWith(version));
  if (section === undefined) throw new Error(`CHANGELOG.md says nothing of ${version}`);
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
