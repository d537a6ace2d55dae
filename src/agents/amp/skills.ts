import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { readBounded } from "../../io/read-bounded.ts";
import { projectFolders } from "../instructions.ts";
import type { Finding } from "../repository.ts";

const ROOTS = [".agents/skills", ".claude/skills"];
/** Depth to which the CLI searches for skills. Observed in Amp 0.0.1790142911. */
const MAX_DEPTH = 6;
const MAX_NAMES = 2000;
const MAX_BYTES = 256 * 1024;

/**
 * Finds the skills of a directory that bring MCP servers, which the CLI starts with the first
 * message. A folder with too many names counts as one. Observed in Amp 0.0.1790142911.
 */
export async function skillServers(
  directory: string,
  home: string | undefined,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const budget = { names: MAX_NAMES };
  const folders = await projectFolders(directory, home, false);
  for (const folder of folders.toReversed()) {
    for (const root of ROOTS) findings.push(...(await look(join(folder, root), MAX_DEPTH, budget)));
  }
  return findings;
}

async function look(path: string, depth: number, budget: { names: number }): Promise<Finding[]> {
  const names = await readdir(path).catch(() => []);
  budget.names -= names.length;
  if (budget.names < 0) return [{ path, effects: ["holds too many files"] }];
  const findings: Finding[] = [];
  for (const name of names) {
    const at = join(path, name);
    // A file system that ignores case opens `MCP.json` by the usual name.
    if (name.toLowerCase() === "mcp.json" || (isSkill(name) && (await mayStartServers(at)))) {
      findings.push({ path: at, effects: ["brings MCP servers"] });
    }
    const isFolder = (await stat(at).catch(() => undefined))?.isDirectory() === true;
    if (isFolder && depth > 0) findings.push(...(await look(at, depth - 1, budget)));
  }
  return findings;
}

function isSkill(path: string): boolean {
  return basename(path).toLowerCase() === "skill.md";
}

/** A tag of YAML. Amp decodes a name behind `!!binary`, for example. */
const TAG = /(?:^|[\s[\]{},:?-])!\S|^%/m;

/** True if the front matter names servers, or has an escape or a tag that could hide the name. */
async function mayStartServers(path: string): Promise<boolean> {
  try {
    const text = (await readBounded(path, MAX_BYTES)).toString("utf8");
    const front = frontMatterOf(text);
    return front.includes("mcpServers") || TAG.test(front) || front.split("\n").some(isEscaped);
  } catch {
    return true;
  }
}

/**
 * The front matter, or the whole text without an end of it. Only a line that equals the first one
 * ends it, because to the CLI a line such as `---x: 1` or `----` belongs to it.
 */
function frontMatterOf(text: string): string {
  const [start = "", line] = /^\s*(---[^\n]*\n)/.exec(text) ?? [];
  const end = line === undefined ? -1 : `${text}\n`.indexOf(`\n${line}`, start.length - 1);
  return end < 0 ? text : text.slice(0, end);
}

/** True for a line with a backslash behind a quotation mark. */
function isEscaped(line: string): boolean {
  const quote = line.search(/["']/);
  return quote >= 0 && line.includes("\\", quote);
}
