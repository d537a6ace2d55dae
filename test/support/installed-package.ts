import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

const repository = join(import.meta.dirname, "../..");

/** A project in which `import "sandbox-agent"` gives what is built of this repository. */
export interface ProjectWithPackage extends AsyncDisposable {
  readonly folder: string;
}

/** Builds the package into a project of its own, where the dependencies of the repository are found. */
export async function projectWithPackage(): Promise<ProjectWithPackage> {
  const cache = join(repository, ".cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "project-"));
  // Its own: those of the repository above would lead to the sources.
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(join(folder, "tsconfig.json"), "{}");
  const installed = join(folder, "node_modules/sandbox-agent");
  await mkdir(installed, { recursive: true });
  await cp(join(repository, "package.json"), join(installed, "package.json"));
  const build = ["scripts/build.ts", join(installed, "dist")];
  await execa(process.execPath, build, { cwd: repository });
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What a careful user's compiler is told. */
const strict = {
  target: "es2022",
  lib: ["es2022", "dom", "dom.asynciterable"],
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
};

/** The options of a strict compiler that resolves modules as Node does, or as a bundler. */
export function strictOptions(modules: "node" | "bundler", more: object = {}): object {
  const resolution =
    modules === "node"
      ? { module: "nodenext", moduleResolution: "nodenext" }
      : { module: "esnext", moduleResolution: "bundler" };
  return { ...strict, ...resolution, ...more };
}

/** Runs the repository's compiler on a project; what it finds fault with is the error's message. */
export async function compile(folder: string, config: string): Promise<void> {
  const tsc = join(repository, "node_modules/.bin/tsc");
  const { exitCode, stdout } = await execa(tsc, ["-p", join(folder, config)], { reject: false });
  if (exitCode !== 0) throw new Error(stdout);
}
