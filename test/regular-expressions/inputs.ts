import { type Atom, pathsOf } from "./pattern.ts";

/** A unit that is repeated to make a long text, with the start and the end of the text. */
export interface Beginning {
  before: string;
  unit: string;
  after: string;
}

/** Characters of one atom that are tried: its own first, then one of each kind. */
const MAX_CHARACTERS = 4;
/** An end that few patterns take, and one that `.` does not pass. */
const AFTER = ["\0", "\n\0"];

/**
 * Returns texts that make an expression begin a match again and again and fail late: every part of the
 * pattern from its start, and every atom that repeats, alone and after what precedes it.
 */
export function beginningsOf(regex: RegExp): Beginning[] {
  const found = new Map<string, Beginning>();
  const add = (before: string, unit: string): void => {
    if (unit === "") return;
    for (const after of AFTER) {
      found.set(JSON.stringify([before, unit, after]), { before, unit, after });
    }
  };
  const paths = pathsOf(regex);
  // With and without the parts that may be missing.
  const shorter = paths.map((path) => path.filter(({ min }) => min > 0));
  for (const path of [...paths, ...shorter]) {
    let before = "";
    for (const atom of path) {
      const characters = few(atom);
      for (const character of characters) {
        const once = character.repeat(Math.max(1, Math.min(atom.min, 64)));
        add("", before + once);
        if (atom.max > 64) {
          add("", character);
          add(before, character);
          add(before, `${character}a`);
        }
      }
      before += (characters[0] ?? "").repeat(Math.max(1, Math.min(atom.min, 64)));
    }
    add("", before);
  }
  return [...found.values()];
}

/** Returns a text of about `length` characters that begins so. */
export function lengthen({ before, unit, after }: Beginning, length: number): string {
  return before + unit.repeat(Math.ceil(length / unit.length)) + after;
}

function few({ takes }: Atom): string[] {
  return takes.slice(0, MAX_CHARACTERS);
}

/** Texts that have delayed expressions of all kinds, here and elsewhere. */
export const commonBeginnings: readonly Beginning[] = [
  " ",
  "\n",
  "\r",
  "\r\n",
  "a",
  "-",
  "/",
  "://",
  '"',
  "\\",
  '\\"',
  "'",
  "a.",
  "=",
  "[",
  "{",
  ",",
  "secret=",
  '"secret":"',
  "-token: ",
  "-eyJ",
  "eyJa-b.",
  "bearer ",
  "?token=",
  "://a:b@",
  "sk-ant-",
  "\u001b[",
  "\u001b]",
  "\u009b;",
  "a\r",
].map((unit) => ({ before: "", unit, after: "\0" }));
