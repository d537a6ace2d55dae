import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hasRecord } from "../../../src/agents/claude/record.ts";
import { temporaryHome } from "../../support/sandbox.ts";

it("finds the record of a session below whatever folder its project has", async () => {
  await using home = await temporaryHome();
  const projects = join(home.dir, ".claude/projects");
  expect(await hasRecord(home.env, "id")).toBe(false);
  await mkdir(join(projects, "-work"), { recursive: true });
  await mkdir(join(projects, "-other"));
  await writeFile(join(projects, "-other/id.jsonl"), "{}\n");
  expect(await hasRecord(home.env, "id")).toBe(true);
  expect(await hasRecord(home.env, "another")).toBe(false);
  // What a full disk leaves.
  await writeFile(join(projects, "-work/empty.jsonl"), "");
  expect(await hasRecord(home.env, "empty")).toBe(false);
});

it("looks where CLAUDE_CONFIG_DIR says", async () => {
  await using home = await temporaryHome();
  const config = join(home.dir, "config");
  await mkdir(join(config, "projects/-work"), { recursive: true });
  await writeFile(join(config, "projects/-work/id.jsonl"), "{}\n");
  expect(await hasRecord({ ...home.env, CLAUDE_CONFIG_DIR: config }, "id")).toBe(true);
});
