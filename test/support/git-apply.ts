import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The content of files by their absolute paths. */
export type Files = Readonly<Record<string, Buffer>>;

/**
 * Applies a diff with git to files, in a folder that stands for the root directory. Returns the files
 * of `paths` that exist afterwards.
 *
 * @throws if git rejects the diff.
 */
export function gitApply(diff: string, before: Files, paths: readonly string[]): Files {
  const root = mkdtempSync(join(tmpdir(), "sa-git-"));
  try {
    for (const [path, content] of Object.entries(before)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const { PATH = "" } = process.env;
    const env = {
      PATH,
      HOME: root,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CEILING_DIRECTORIES: tmpdir(),
    };
    const { status, stderr } = spawnSync("git", ["apply", "-"], { cwd: root, env, input: diff });
    if (status !== 0) throw new Error(`git apply: ${stderr.toString()}\n${JSON.stringify(diff)}`);
    return Object.fromEntries(
      paths.flatMap((path) => {
        const content = readIfExists(join(root, path));
        return content ? [[path, content]] : [];
      }),
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}

function readIfExists(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
