import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

const cache = join(import.meta.dirname, "../../.cache");

/** What Debian calls a processor, and what everybody else does. */
const names = {
  x64: { architecture: "amd64", machine: "x86_64" },
  arm64: { architecture: "arm64", machine: "aarch64" },
};

type Names = (typeof names)[keyof typeof names];

/** How a program that was linked with musl is run on a machine that has none: what stands before its path. */
export interface MuslLoader {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * A loader and the one library that our programs need besides it, fetched once. The loader is that of
 * Debian 13: Debian 12's (musl 1.2.3) knows nothing of packed relocations, which the library has. Debian
 * has no libstdc++ for musl. A Python package brings one, as Alpine has it.
 */
export async function muslLoader(cpu: keyof typeof names): Promise<MuslLoader> {
  const folder = join(cache, "musl", cpu);
  await access(folder).catch(() => fetchMusl(folder, cpu));
  return { file: join(folder, "libc.so"), args: ["--library-path", join(folder, "lib")] };
}

async function fetchMusl(folder: string, cpu: keyof typeof names): Promise<void> {
  await mkdir(join(cache, "musl"), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  try {
    const loader = await fetchLoader(unfinished, names[cpu]);
    await fetchLibrary(unfinished, names[cpu]);
    const made = join(unfinished, "made");
    await mkdir(made);
    await rename(loader, join(made, "libc.so"));
    await rename(join(unfinished, "lib"), join(made, "lib"));
    await rename(made, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** From Debian 13, by lists of packages of its own: the machine's stay as they are. */
async function fetchLoader(folder: string, { architecture, machine }: Names): Promise<string> {
  const apt = join(folder, "apt");
  await mkdir(join(apt, "lists/partial"), { recursive: true });
  await mkdir(join(apt, "cache/archives/partial"), { recursive: true });
  const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const source = `deb [signed-by=${keys}] ${await debian()} trixie main\n`;
  await writeFile(join(apt, "sources.list"), source);
  await writeFile(join(apt, "status"), "");
  const options = [
    `Dir::Etc::SourceList=${join(apt, "sources.list")}`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${join(apt, "lists")}`,
    `Dir::State::Status=${join(apt, "status")}`,
    `Dir::Cache=${join(apt, "cache")}`,
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option]);
  await execa("apt-get", [...options, "update"], { cwd: apt });
  await execa("apt-get", [...options, "download", "musl"], { cwd: apt });
  const file = (await readdir(apt)).find((name) => name.endsWith(".deb")) ?? "";
  await execa("dpkg", ["-x", join(apt, file), join(apt, "root")]);
  return join(apt, `root/usr/lib/${machine}-linux-musl/libc.so`);
}

/** Where this machine has its own Debian from. */
async function debian(): Promise<string> {
  const wanted = ["--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"];
  const { stdout } = await execa("apt-get", ["indextargets", ...wanted]);
  const [first] = stdout.split("\n").filter((uri) => /\/debian\/?$/.test(uri));
  if (first === undefined) throw new Error("this machine has no Debian to fetch a loader from");
  return first;
}

/** From a package of PyPI that holds what its own machine code needs. */
async function fetchLibrary(folder: string, { machine }: Names): Promise<void> {
  const wheel = join(folder, "wheel");
  const choice = ["--only-binary=:all:", "--platform", `musllinux_1_2_${machine}`];
  const pip = join(cache, "tools/bin/pip");
  const options = [...choice, "--python-version", "3.12", "--no-deps", "--dest", wheel];
  await execa(pip, ["download", "--quiet", ...options, "contourpy==1.4.0"]);
  const [file = ""] = await readdir(wheel);
  await execa("python3", ["-m", "zipfile", "-e", join(wheel, file), wheel]);
  const lib = join(folder, "lib");
  await rename(join(wheel, "contourpy.libs"), lib);
  const [standard = ""] = (await readdir(lib)).filter((name) => name.startsWith("libstdc++"));
  await rename(join(lib, standard), join(lib, "libstdc++.so.6"));
}
