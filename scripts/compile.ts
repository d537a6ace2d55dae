import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { execa } from "execa";
import manifest from "../package.json" with { type: "json" };
import { buildInspector } from "./build-inspector.ts";
import type { Target } from "./targets.ts";

const repository = join(import.meta.dirname, "..");

/** Compiles the single-file executable for a platform from the same sources. */
export async function compile(target: Target, outfile: string): Promise<void> {
  const options = [
    "--compile",
    `--target=${target.bun}`,
    `--compile-executable-path=${await runtime(target)}`,
    // Bytecode halves the time to the first answer; with it Bun (1.4) would default to cjs, which has
    // no top-level await.
    "--bytecode",
    "--format=esm",
    // Minified code with names still shows in which function an error came about. A source map would tell
    // the line as well, and make what is downloaded larger by 2.4 MB.
    "--minify",
    "--keep-names",
    // What is imported when it is needed is then loaded when it is needed: without this all of it would be
    // one piece, and each of Node's modules that any part needs be loaded at the start.
    "--splitting",
    // Fastify asks for these where a route has a schema, and to be called without a server: we do neither.
    ...[
      "@fastify/ajv-compiler",
      "@fastify/fast-json-stringify-compiler",
      "light-my-request",
    ].flatMap((name) => ["--external", name]),
    // Leaves out undici's experimental HTTP parser, as Node does when it bundles undici.
    "--define=esbuildDetection=true",
    // It puts the parts of undici that we use in the place of all of it.
    `--tsconfig-override=${join(repository, "scripts/tsconfig.executable.json")}`,
    // Else the executable would take variables and code from the folder in which it is started, and
    // that is a project which nobody has checked.
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
  ];
  await buildInspector();
  // Renamed when it is whole: another may be running it.
  const program = resolve(outfile);
  await mkdir(dirname(program), { recursive: true });
  const folder = await mkdtemp(`${program}.`);
  try {
    const made = join(folder, basename(program));
    await execa("bun", ["build", ...options, "src/main.ts", "--outfile", made], {
      cwd: repository,
      preferLocal: true,
      stdio: "inherit",
    });
    await rename(made, program);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where Bun for a platform is: its package is fetched once, and kept. */
async function runtime({ runtime }: Target): Promise<string> {
  const version = manifest.devDependencies.bun;
  const folder = join(repository, ".cache/bun", version, runtime.replace("@oven/", ""));
  const file = join(folder, "package/bin/bun");
  try {
    await access(file);
    return file;
  } catch {
    // Not fetched yet.
  }
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    const pack = ["pack", "--silent", "--pack-destination", unfinished, `${runtime}@${version}`];
    const { stdout } = await execa("npm", pack, { cwd: unfinished });
    // npm has held the package against the integrity that the registry tells.
    await execa("tar", ["-xzf", join(unfinished, stdout.trim()), "-C", unfinished]);
    await rm(join(unfinished, stdout.trim()));
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  return file;
}
