/** JSON of an agent that is nested deeper than this is not handled. */
export const MAX_NESTING = 500;
/** A shorter text cannot be nested that deeply: each level has two brackets. */
const LEAST_CHARACTERS = MAX_NESTING * 2;
/** A longer text is parsed only when it is not too deep: a million levels take a second. */
const MAX_OUTLINED = 1024 * 1024;
/** Characters of such a text that its outline is taken from. */
const HEAD = 1024;
const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** Levels of an incomplete text that its outline keeps. */
const OUTLINE_LEVELS = 4;

/** JSON that is nested deeper than `MAX_NESTING` levels. */
export class TooDeep extends Error {
  override readonly name = "TooDeep";
  /** The value without the levels that are too deep, or only its first members. */
  readonly outline: unknown;

  constructor(value: unknown) {
    super(`the JSON is nested deeper than ${MAX_NESTING} levels`);
    this.outline = cutBelow(value, MAX_NESTING);
  }
}

/**
 * Parses JSON whose nesting is bounded. `JSON.parse` of Node 24 and Bun 1.4 takes any depth. Serialising
 * or walking a deep value exhausts the stack.
 *
 * @throws SyntaxError for text that is not JSON.
 * @throws TooDeep for JSON that is nested too deeply.
 */
export function parseBounded(text: string): unknown {
  if (text.length > MAX_OUTLINED) {
    if (isDeeper(text, MAX_NESTING)) throw new TooDeep(outlineOf(text.slice(0, HEAD)));
    return JSON.parse(text);
  }
  const value: unknown = JSON.parse(text);
  // A value has fewer members than its text has characters, so that it is examined faster.
  if (text.length > LEAST_CHARACTERS && hasDeeper(value, MAX_NESTING)) throw new TooDeep(value);
  return value;
}

/** Parses JSON as `parseBounded` does; `undefined` for text that it rejects. */
export function tryParse(text: string): unknown {
  try {
    return parseBounded(text);
  } catch {
    return undefined;
  }
}

/** Parses JSON and cuts off the levels that are too deep. @throws SyntaxError for text that is not JSON. */
export function parseCut(text: string): unknown {
  try {
    return parseBounded(text);
  } catch (cause) {
    if (cause instanceof TooDeep) return cause.outline;
    throw cause;
  }
}

/** The first members of a truncated JSON text, a few levels deep; `undefined` when it has none. */
export function outlineOf(head: string): unknown {
  const closers: string[] = [];
  let complete = "";
  let inString = false;
  for (let at = 0; at < head.length; at++) {
    const character = head.charAt(at);
    if (inString) {
      if (character === "\\") at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") closers.push(character === "{" ? "}" : "]");
    else if (character === "}" || character === "]") closers.pop();
    else if (character === "," && closers.length <= OUTLINE_LEVELS) {
      complete = head.slice(0, at) + closers.toReversed().join("");
    }
  }
  try {
    return complete === "" ? undefined : JSON.parse(complete);
  } catch {
    return undefined;
  }
}

/** Tests a value of `JSON.parse` for more levels. No call is nested deeper than `levels`. */
function hasDeeper(value: unknown, levels: number): boolean {
  if (!isContainer(value)) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    // Bun is slow to start an iterator for each of many short arrays.
    for (let index = 0; index < value.length; index++) {
      const member: unknown = value[index];
      if (typeof member === "object" && hasDeeper(member, levels - 1)) return true;
    }
    return false;
  }
  // All enumerable members are its own. `Object.values` would allocate an array.
  for (const key in value) {
    const member = value[key];
    if (typeof member === "object" && hasDeeper(member, levels - 1)) return true;
  }
  return false;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Counts brackets outside of strings, which is far cheaper than parsing. */
function isDeeper(text: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth += 1;
        if (depth > levels) return true;
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        depth -= 1;
        break;
      default:
    }
  }
  return false;
}

/** The place of the quotation mark that ends the string. */
function endOfString(text: string, start: number): number {
  for (let at = start; ;) {
    at = text.indexOf('"', at + 1);
    if (at === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
}

function cutBelow(value: unknown, levels: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((member) => cutBelow(member, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, cutBelow(member, levels - 1)]),
  );
}
