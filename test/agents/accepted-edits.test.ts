import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acceptsEdits } from "../../src/agents/accepted-edits.ts";
import { type TemporaryHome, temporaryHome } from "../support/sandbox.ts";

let home: TemporaryHome;
let root: string;

beforeAll(async () => {
  home = await temporaryHome();
  root = join(home.work, "root");
  await mkdir(join(root, "sub"), { recursive: true });
  await mkdir(join(home.work, "rootling"));
  await mkdir(join(home.work, "deep/er"), { recursive: true });
  await writeFile(join(home.work, "outside.txt"), "");
  await writeFile(join(root, "file"), "");
  await symlink(home.work, join(root, "up"));
  await symlink(join(home.work, "deep/er"), join(root, "deeper"));
  await symlink(join(home.work, "missing"), join(root, "dangling"));
  await symlink("loop", join(root, "loop"));
  await symlink(join(root, "sub"), join(root, "within"));
});

afterAll(() => home[Symbol.asyncDispose]());

describe("the mode acceptEdits", () => {
  it.each(["a.txt", "sub/new/deep.txt", "sub/../b.txt", "within/c", "gitignore", ".gitignore"])(
    "covers %j",
    async (path) => {
      expect(await acceptsEdits(root, [path])).toBe(true);
      expect(await acceptsEdits(root, [join(root, path)])).toBe(true);
    },
  );

  it.each([
    ["a file beside the directory", "../outside.txt"],
    ["a directory whose name begins alike", "../rootling/a"],
    ["a file behind a link", "up/x"],
    ["a path that leads out and in again", "up/root"],
    ["a file that links cut short would put inside", "deeper/../x"],
    ["a link to a missing file", "dangling"],
    ["a link to itself", "loop"],
    ["a file below a file", "file/x"],
    ["an absolute path", "/etc/passwd"],
    ["the directory itself", "."],
    ["the directory above it", ".."],
    ["a path out through a folder", "sub/../../x"],
    ["a null character", "a\0b"],
    ["a hook of git", ".git/hooks/pre-commit"],
    ["settings of Claude Code", ".claude/settings.json"],
    ["settings of Claude Code in a folder", "sub/.claude/settings.local.json"],
    ["settings of Amp", "sub/.amp/settings.json"],
    ["settings of Amp in capitals", ".AMP/settings.json"],
    ["settings of Codex", ".codex/config.toml"],
    ["a plugin of OpenCode", ".opencode/plugin/x.js"],
    ["the configuration of OpenCode", "opencode.json"],
    ["servers of tools", ".mcp.json"],
    ["tasks of an editor", ".vscode/tasks.json"],
    ["a name that folds to a guarded one", ".g\u0131t/config"],
    ["a start file of a shell", "sub/.bashrc"],
    ["the environment of a folder", ".envrc"],
    ["the configuration of npm", ".npmrc"],
  ])("does not cover %s", async (_, path) => {
    expect(await acceptsEdits(root, [path])).toBe(false);
    expect(await acceptsEdits(root, ["a.txt", path])).toBe(false);
  });

  it("does not cover a change whose files are unknown", async () => {
    expect(await acceptsEdits(root, [])).toBe(false);
    expect(await acceptsEdits(join(root, "missing"), ["a.txt"])).toBe(false);
  });
});
