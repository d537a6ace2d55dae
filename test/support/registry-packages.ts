import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

const cache = join(import.meta.dirname, "../../.cache/readers");
const python = join(import.meta.dirname, "../../.cache/tools/bin/python");

/** Exact versions by name. */
export type Versions = Readonly<Record<string, string>>;

/** Installs packages of npm once. Returns the folder whose `node_modules` has them. */
export function npmPackages(name: string, dependencies: Versions): Promise<string> {
  return installOnce(name, dependencies, async (cwd) => {
    await writeFile(join(cwd, "package.json"), JSON.stringify({ private: true, dependencies }));
    const quiet = ["--no-audit", "--no-fund", "--no-package-lock"];
    await execa("npm", ["install", "--ignore-scripts", ...quiet], { cwd });
  });
}

/** Installs packages of PyPI once. Returns a command that runs Python with them. */
export async function pythonPackages(name: string, versions: Versions) {
  const requirements = Object.entries(versions).map(([name, version]) => `${name}==${version}`);
  const folder = await installOnce(name, versions, async (cwd) => {
    await execa(python, ["-m", "pip", "install", "-q", "--target", cwd, ...requirements]);
  });
  return { file: python, env: { PYTHONPATH: folder } };
}

/** The folder has the name of its content, and gets it when it is complete. */
async function installOnce(
  name: string,
  versions: Versions,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const digest = createHash("sha256").update(JSON.stringify(versions)).digest("hex").slice(0, 8);
  const folder = join(cache, `${name}-${versions[name] ?? digest}`);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}-`);
  await install(temporary);
  await rename(temporary, folder);
  return folder;
}
