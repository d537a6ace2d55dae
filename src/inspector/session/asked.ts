import { shellQuote } from "../../io/shell-quote.ts";
import type { PermissionEventData } from "../../schema/permission.ts";
import { diffLines } from "./diff-lines.ts";

/** The texts that describe one permission, without repetition. */
export interface Asked {
  /** The name of the tool, unless it equals the action. */
  tool: string | undefined;
  reasons: readonly string[];
  commands: readonly string[];
  paths: readonly string[];
  diff: string | undefined;
  /** Members of the input that no other member of this object has. */
  more: readonly (readonly [name: string, text: string])[];
}

/** A text is cut after this many characters until the person asks for all of it. */
export const MOST_CHARACTERS = 8_000;
export const MOST_LINES = 200;

/** Members that a diff shows already. */
const IN_DIFF = new Set(
  "content old_string new_string oldString newString old_str new_str patchText diff".split(" "),
);

/** Reads a permission as far as agents agree on its metadata. */
export function askedOf({ action, metadata }: PermissionEventData): Asked {
  const { tool, input, command, paths, path, diff, reason, grantRoot } = metadata ?? {};
  const commands = Array.isArray(command) ? [command.map(shellWord).join(" ")] : textsOf(command);
  const named = [...new Set([...textsOf(paths), ...textsOf(path)])];
  const shown = new Set<unknown>([...commands, ...named]);
  const hasDiff = typeof diff === "string" && diff !== "";
  const isShown = (name: string, value: unknown) =>
    shown.has(value) || (hasDiff && IN_DIFF.has(name)) || value === command;
  const given = input ?? (shown.size > 0 || hasDiff ? undefined : metadata);
  return {
    tool: typeof tool === "string" && tool !== action ? tool : undefined,
    reasons: textsOf(reason),
    commands,
    paths: named,
    diff: hasDiff ? diff : undefined,
    more: [
      ...(typeof grantRoot === "string" ? [["Writing below", grantRoot] as const] : []),
      ...membersOf(given)
        .filter(([name, value]) => !isShown(name, value))
        .map(([name, value]) => [name, textOf(value)] as const),
    ],
  };
}

/** Returns true if one of the texts is cut at first. */
export function isLong({ commands, paths, diff, more }: Asked): boolean {
  const texts = [...commands, ...paths, ...more.map(([, text]) => text)];
  return texts.some(isLongText) || (diff !== undefined && diffLines(diff).length > MOST_LINES);
}

function isLongText(text: string): boolean {
  return shownPart(text) < text.length;
}

/** The number of characters to draw at first. */
export function shownPart(text: string): number {
  let end = -1;
  for (let line = 0; line < MOST_LINES; line++) {
    end = text.indexOf("\n", end + 1);
    if (end === -1 || end > MOST_CHARACTERS) return Math.min(text.length, MOST_CHARACTERS);
  }
  return end;
}

/** A word of a command, quoted where a shell would read more than one word or something else. */
function shellWord(word: unknown): string {
  const text = String(word);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuote(text);
}

function membersOf(input: unknown): [string, unknown][] {
  if (typeof input === "object" && input !== null && !Array.isArray(input)) {
    return Object.entries(input);
  }
  return input === undefined || input === null ? [] : [["input", input]];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, undefined, 2) ?? "");
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (!Array.isArray(value)) return [];
  return value.filter((one) => typeof one === "string");
}
