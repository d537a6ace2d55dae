import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { repository, repositoryFiles } from "../repo/files.ts";

/** A repository of its own with the files of this one, all committed. */
export interface RepositoryCopy extends AsyncDisposable {
  readonly folder: string;
  git(...args: string[]): Promise<void>;
  /** Changes a file. */
  edit(path: string, change: (text: string) => string): Promise<void>;
}

/** Copies this repository, which lends its dependencies. */
export async function copyRepository(): Promise<RepositoryCopy> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "sa-copy-")));
  for (const path of await repositoryFiles()) {
    await cp(join(repository, path), join(folder, path));
  }
  await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
  // What is fetched for compiling is kept.
  const cache = join(repository, ".cache");
  await mkdir(join(cache, "bun"), { recursive: true });
  await mkdir(join(folder, ".cache"));
  await symlink(join(cache, "bun"), join(folder, ".cache/bun"));
  const identity = { GIT_AUTHOR_NAME: "T", GIT_AUTHOR_EMAIL: "t@t.example" };
  const env = { ...identity, GIT_COMMITTER_NAME: "T", GIT_COMMITTER_EMAIL: "t@t.example" };
  const git = async (...args: string[]): Promise<void> => {
    await execa("git", args, { cwd: folder, env });
  };
  await git("init", "--quiet");
  // To git a link is no folder, which is what .gitignore names.
  await appendFile(join(folder, ".git/info/exclude"), "node_modules\n");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "All");
  return {
    folder,
    git,
    async edit(path, change) {
      const file = join(folder, path);
      await writeFile(file, change(await readFile(file, "utf8")));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
