import { join } from "node:path";
import { execa } from "execa";
import type { TestProject } from "vitest/node";
import "./entry.ts";

const repository = join(import.meta.dirname, "../..");

/** Compiles the single-file executable for the suite. */
export async function setup(project: TestProject): Promise<void> {
  const file = join(repository, "build/sandbox-agent-linux-x64");
  await execa(process.execPath, ["scripts/executable.ts"], { cwd: repository });
  project.provide("entry", { file, args: [] });
}
