import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { leftOut, suites } from "../executable/suites.ts";
import { repository, repositoryFiles } from "./files.ts";

/** The folders some of whose files start `sandbox-agent`, and are run again with what ships. */
const folders = ["cli", "conformance", "e2e", "hostile", "install", "sdk", "server"];

it("every file of tests is run again with the executable, or left out for a reason", async () => {
  const files = (await repositoryFiles()).filter(
    (path) => path.endsWith(".test.ts") && folders.includes(path.split("/")[1] ?? ""),
  );
  expect([...suites, ...Object.keys(leftOut)].toSorted()).toEqual(files.toSorted());
});

it.each(Object.entries(leftOut).filter(([, reason]) => /^(asks|builds|calls)/.test(reason)))(
  "%s starts no daemon of ours and no command: it %s",
  async (path) => {
    const source = await readFile(join(repository, path), "utf8");
    expect(source).not.toMatch(/support\/([\w-]+-daemon|daemon|program|stand-in)\.ts/);
  },
);
