import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { failureWith } from "../support/broken-agent.ts";
import { mountDisk, mountFullDisk } from "../support/full-disk.ts";
import { temporaryHome } from "../support/sandbox.ts";

const run = promisify(execFile);

/** Agents with a variable that names a folder in which they have to write. */
const agents = [
  ["claude", "TMPDIR"],
  ["codex", "CODEX_HOME"],
  ["opencode", "XDG_DATA_HOME"],
  ["amp", "TMPDIR"],
] as const;

it.each(agents)(
  "%s whose folder %s is read-only says so, and how to help",
  async (agent, variable) => {
    await using home = await temporaryHome();
    const folder = join(home.dir, "disk");
    await mkdir(folder);
    await using disk = await mountDisk(folder, 1024);
    await run("mount", ["-o", "remount,ro", disk.path]);
    const failure = await failureWith(agent, { [variable]: disk.path });
    expect(failure).toMatch(/EROFS|Read-only file system|read-only/);
    expect(failure).toContain(`mount it writable, or set ${variable} to another one`);
  },
);

// Claude Code 2.1.332 works with a full TMPDIR.
it.each(agents.slice(1))(
  "%s whose folder %s is full says so, and how to help",
  async (agent, variable) => {
    await using home = await temporaryHome();
    const folder = join(home.dir, "disk");
    await mkdir(folder);
    await using disk = await mountFullDisk(folder);
    const failure = await failureWith(agent, { [variable]: disk.path });
    expect(failure).toMatch(/ENOSPC|No space left|disk is full/);
    expect(failure).toContain(`free some space`);
  },
);
