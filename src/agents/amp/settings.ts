import { realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { readBounded } from "../../io/read-bounded.ts";
import { isRecord } from "../json-line.ts";
import { parseJsonc } from "../jsonc.ts";

/** The settings of a person take a few kilobytes. */
const MAX_SETTINGS_BYTES = 1024 * 1024;

type Settings = Record<string, unknown>;
type Environment = Readonly<Record<string, string>>;

/**
 * Tools that only read, which may run unasked. Of the server-loop CLI (0.0.1790142911): `Read`,
 * `glob`, `Grep`, `skill`, `find_thread`, `shell_command_status` (more of the output of a command
 * that was allowed) and `web_search`, which goes to Amp's own server; `read_web_page` asks, because
 * an address can carry something out. Of the older CLI (0.0.1769425000) also those that search or
 * think with a model of their own, and `Task`, whose own calls ask.
 */
const READING =
  "Read glob Grep skill find_thread shell_command_status web_search " +
  "finder oracle librarian look_at mermaid read_thread task_list Task";

/**
 * The settings of a process that asks: the user's own with ours below their rules. Where their
 * rules say `ask`, and where the CLI guards a file by itself, the session is asked: nobody sits at a
 * terminal, and the CLI would wait there for ever (both generations for one of the two).
 */
export function askingSettings(
  user: Settings,
  delegate: string,
  /** True if no workspace is trusted, which overrides the user's setting. */
  trustsNone = false,
): Settings {
  const asks = { action: "delegate", to: delegate };
  const rules = Array.isArray(user["amp.permissions"]) ? user["amp.permissions"] : [];
  return {
    ...user,
    "amp.dangerouslyAllowAll": false,
    ...(trustsNone && { "amp.mcpTrustedWorkspaces": [] }),
    "amp.guardedFiles.allowlist": ["**"],
    "amp.updates.mode": "disabled",
    "amp.permissions": [
      ...rules.map((rule: unknown) =>
        isRecord(rule) && rule["action"] === "ask" ? { ...rule, ...asks } : rule,
      ),
      ...READING.split(" ").map((tool) => ({ tool, action: "allow" })),
      { tool: "*", ...asks },
    ],
  };
}

/** What the user has configured for all directories; empty where they have not. */
export async function userSettings(env: Environment): Promise<Settings> {
  const config = env["XDG_CONFIG_HOME"] ?? join(env["HOME"] ?? homedir(), ".config");
  const plain = env["AMP_SETTINGS_FILE"] ?? join(config, "amp/settings.json");
  const named = env["AMP_SETTINGS_FILE"] !== undefined;
  return (await read(plain)) ?? (named ? undefined : await read(`${plain}c`)) ?? {};
}

/**
 * The file in a directory, or above it in its repository, by which the CLI would run tools there
 * without asking: its settings for a workspace replace those that it is started with, ours too
 * (0.0.1790142911). Undefined where there is none.
 */
export async function overridingFile(directory: string): Promise<string | undefined> {
  // The CLI works in the real folder, above which other settings lie if the path contains a link.
  for (const at of new Set([directory, await realpath(directory)])) {
    const { path, settings = {} } = (await workspaceSettings(at)) ?? {};
    const overrides = "amp.permissions" in settings || settings["amp.dangerouslyAllowAll"] === true;
    if (overrides) return path;
  }
  return undefined;
}

/** Settings of a workspace that neither run nor redirect anything (0.0.1790142911). */
const HARMLESS =
  /^(\$|amp\.(defaultVisibility|fuzzy\.|git\.commit\.|keymap$|network\.timeout$|notifications\.|showCosts$|skills\.disable|terminal\.))/;
/** Settings that the CLI itself ignores until its user trusts the workspace. */
const HELD = ["amp.mcpServers", "amp.mcpPermissions", "amp.url"];

/** The names of a workspace's settings that take effect without a confirmation. */
export function unaskedSettings(settings: Settings): string[] {
  return Object.keys(settings).filter((name) => !HARMLESS.test(name) && !HELD.includes(name));
}

/** The first settings from the directory up to the root of its repository. */
async function workspaceSettings(
  directory: string,
): Promise<{ path: string; settings: Settings } | undefined> {
  const root = await repositoryOf(directory);
  for (let at = directory; ; at = dirname(at)) {
    for (const name of ["settings.json", "settings.jsonc"]) {
      const path = join(at, ".amp", name);
      const settings = await read(path);
      if (settings) return { path, settings };
    }
    if (at === root || root === undefined || at === dirname(at)) return undefined;
  }
}

async function repositoryOf(directory: string): Promise<string | undefined> {
  for (let at = directory; ; at = dirname(at)) {
    const git = await stat(join(at, ".git")).catch(() => undefined);
    // An empty folder of that name is no repository to git.
    const head = git?.isDirectory()
      ? await stat(join(at, ".git/HEAD")).catch(() => undefined)
      : git;
    if (head) return at;
    if (at === dirname(at)) return undefined;
  }
}

/** Undefined where there is no such file; rejects where it cannot be read. */
async function read(path: string): Promise<Settings | undefined> {
  const bytes = await readBounded(path, MAX_SETTINGS_BYTES).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw error;
    },
  );
  if (bytes === undefined) return undefined;
  try {
    const value = parseJsonc(bytes.toString());
    return isRecord(value) ? value : {};
  } catch (cause) {
    throw new Error(`Amp's settings in ${path} are not valid JSON`, { cause });
  }
}
