import { lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { readBounded } from "../io/read-bounded.ts";
import { projectFolders } from "./instructions.ts";
import { isRecord } from "./json-line.ts";
import { parseJsonc } from "./jsonc.ts";

const MAX_BYTES = 256 * 1024;
const MAX_FINDINGS = 20;
const MAX_EFFECTS = 5;
const MAX_WORDS = 60;

/** A file or folder in a session's directory by which an agent's CLI runs or redirects something. */
export interface RepositoryEntry {
  /** Relative to the session's directory, or to a folder above it. */
  path: string;
  /** Describes the effects of a file by its text, or of a folder by the names in it. */
  effects: (text: string) => string[];
}

/** The effects of one entry. */
export interface Finding {
  /** Absolute. */
  path: string;
  effects: string[];
}

/** The folders to look into. */
export interface Scope {
  /** The session's directory. */
  directory: string;
  /** The user's home, whose settings are the user's own. */
  home: string | undefined;
  /** True if the folders above the root of the repository are left out. */
  stopAtRepository: boolean;
}

/** Finds the entries that exist in a session's directory and above it, and have an effect. */
export async function scanRepository(
  { directory, home, stopAtRepository }: Scope,
  entries: readonly RepositoryEntry[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const folders = await projectFolders(directory, home, stopAtRepository);
  for (const folder of folders.toReversed()) {
    for (const { path, effects } of entries) {
      const at = join(folder, path);
      const text = await contentOf(at);
      if (text === undefined) continue;
      const found = text === null ? ["cannot be read"] : effects(text);
      if (found.length > 0) findings.push({ path: at, effects: found });
    }
  }
  return findings;
}

/** The text of a file, the names in a folder; null if unreadable, undefined without an entry. */
async function contentOf(path: string): Promise<string | null | undefined> {
  if (!(await lstat(path).catch(() => undefined))) return undefined;
  try {
    return (await readBounded(path, MAX_BYTES)).toString("utf8");
  } catch {
    const names = await readdir(path).catch(() => null);
    return names === null ? null : names.join("\n");
  }
}

/** Describes the entries of a session's directory that are ignored; undefined without any. */
export async function describeIgnored(
  directory: string,
  home: string | undefined,
  entries: readonly RepositoryEntry[],
): Promise<string | undefined> {
  const findings = await scanRepository({ directory, home, stopAtRepository: true }, entries);
  return findings.length === 0 ? undefined : describeFindings(directory, findings);
}

/** The findings as one text for people, such as `.mcp.json starts "sh"`. */
export function describeFindings(directory: string, findings: readonly Finding[]): string {
  const shown = findings.slice(0, MAX_FINDINGS);
  const lines = shown.map(({ path, effects }) =>
    [relative(directory, path), effects.slice(0, MAX_EFFECTS).join(", ")].join(" "),
  );
  const more = findings.length - shown.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** An effect that does not depend on the content. */
export function always(effect: string): RepositoryEntry["effects"] {
  return (content) => (content.trim() === "" ? [] : [effect]);
}

/** The effects of a JSON file with comments, by its object. */
export function ofJson(effects: (value: Record<string, unknown>) => string[]) {
  return (text: string): string[] => {
    try {
      const value = parseJsonc(text);
      return isRecord(value) ? effects(value) : [];
    } catch {
      return ["is not valid JSON"];
    }
  };
}

/** The effects of a table of MCP servers by name. */
export function mcpEffects(servers: unknown): string[] {
  if (!isRecord(servers)) return [];
  return Object.values(servers).map((server) => {
    const { command, url } = isRecord(server) ? server : {};
    const program: unknown = Array.isArray(command) ? command[0] : command;
    if (typeof program === "string") return `starts ${quoted(program)}`;
    return typeof url === "string" ? `connects to ${quoted(url)}` : "names an MCP server";
  });
}

/** One effect for all settings with these names; none without names. */
export function settingsEffect(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`sets ${names.slice(0, 8).map(quoted).join(", ")}`];
}

/** A bounded text of a file in JSON's quotes, without control or format characters. */
function quoted(text: string): string {
  const short = text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text;
  return JSON.stringify(short.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "\u{FFFD}"));
}
