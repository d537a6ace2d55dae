import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

const repository = join(import.meta.dirname, "../..");
const project = join(repository, "test/fixtures/providers");

/** What a program runs in: both declare the same globals, and not the same. */
export type Runtime = "node" | "worker";

/** A folder that holds the SDKs of the providers, installed once for each lockfile. */
export async function installProviders(): Promise<string> {
  const lockfile = await readFile(join(project, "package-lock.json"));
  const digest = createHash("sha256").update(lockfile).digest("hex").slice(0, 16);
  const folder = join(repository, ".cache/providers", digest);
  if (await stat(folder).catch(() => undefined)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  await cp(project, unfinished, { recursive: true });
  try {
    await execa("npm", ["ci", "--ignore-scripts"], { cwd: unfinished });
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** What strict TypeScript says of a program that uses the SDKs; nothing where it is right. */
export async function providerTypeErrors(
  providers: string,
  program: string,
  runtime: Runtime,
): Promise<string> {
  await mkdir(providers, { recursive: true });
  const folder = await mkdtemp(join(providers, "check-"));
  try {
    await writeFile(join(folder, "program.ts"), `${program}\nexport {};\n`);
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    const worker = {
      lib: ["es2024", "esnext.disposable"],
      types: ["@cloudflare/workers-types"],
    };
    const config = {
      extends: join(repository, "tsconfig.json"),
      compilerOptions: runtime === "worker" ? worker : {},
      include: ["*.ts"],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { stdout, exitCode } = await execa("tsc", ["-p", folder], {
      cwd: repository,
      preferLocal: true,
      reject: false,
    });
    return stdout === "" && exitCode !== 0 ? `tsc ended with ${exitCode}` : stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
