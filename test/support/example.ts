import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { vi } from "vitest";
import { temporaryHome } from "./sandbox.ts";

const repository = join(import.meta.dirname, "../..");
/** Makes `sandbox-agent` mean this repository's sources, as it would the installed package. */
const asPackage = join(import.meta.dirname, "as-package.mjs");

/** What a program is started with. */
interface ExampleOptions {
  args?: string[];
  /** What to type, and what must have been printed before it is typed. */
  type?: [after: string, line: string][];
  /** What must have been printed before the input ends. */
  until?: string;
}

/** Runs a program that a document shows, or one of `examples/`, and gives what it prints. */
export async function runExample(
  program: string,
  { args = [], type = [], until = "" }: ExampleOptions = {},
): Promise<string> {
  await using home = await temporaryHome();
  for (const file of await readdir(join(repository, "examples"))) {
    await cp(join(repository, "examples", file), join(home.work, file));
  }
  const main = join(home.work, "program.ts");
  await writeFile(main, program);
  const child = execa(process.execPath, ["--import", asPackage, main, ...args], {
    cwd: home.work,
    env: home.env,
    extendEnv: false,
    timeout: 60_000,
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const hasPrinted = (text: string) =>
    text === "" || vi.waitUntil(() => printed.includes(text), { timeout: 60_000 });
  for (const [after, line] of type) {
    await hasPrinted(after);
    child.stdin.write(`${line}\n`);
  }
  await hasPrinted(until);
  child.stdin.end();
  return (await child).stdout;
}

/** What TypeScript says of some programs; nothing where they are right. */
export async function typeErrors(programs: readonly string[]): Promise<string> {
  // Below the repository, where the types of Node are found.
  const cache = join(repository, ".cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "check-"));
  try {
    for (const [index, program] of programs.entries()) {
      const text = program.replaceAll('from "./', 'from "../../examples/');
      await writeFile(join(folder, `program-${index}.ts`), `${text}\nexport {};\n`);
    }
    const config = { extends: "../../tsconfig.json", include: ["*.ts"] };
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
