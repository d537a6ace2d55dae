import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repository, repositoryFiles } from "../repo/files.ts";

it("docs/cli.md tells every variable of ours that the program reads, and no other", async () => {
  const find = async (path: string): Promise<string[]> =>
    (await readFile(join(repository, path), "utf8")).match(/\bSANDBOX_AGENT_[A-Z_]*[A-Z]\b/g) ?? [];
  const sources = (await repositoryFiles()).filter((path) => path.startsWith("src/"));
  const read = new Set((await Promise.all(sources.map(find))).flat());
  const told = new Set(await find("docs/cli.md"));
  expect([...told].toSorted()).toEqual([...read].toSorted());
});
