/** JSON of an agent that is nested deeper than this is not handled. */
export const MAX_NESTING = 500;
/** A shorter text cannot be nested that deeply: each level has two brackets. */
const LEAST_CHARACTERS = MAX_NESTING * 2;
/** Levels of an incomplete text that its outline keeps. */
const OUTLINE_LEVELS = 4;

/** JSON that is nested deeper than `MAX_NESTING` levels. */
export class TooDeep extends Error {
  override readonly name = "TooDeep";
  /** The same value without the levels that are too deep. */
  readonly outline: unknown;

  constructor(value: unknown) {
    super(`the JSON is nested deeper than ${MAX_NESTING} levels`);
    this.outline = cutBelow(value, MAX_NESTING);
  }
}

/**
 * Parses JSON whose nesting is bounded. Parsing itself takes any depth on Node 24 and Bun 1.4.
 * Serialising or walking the value does not: it exhausts the stack.
 *
 * @throws SyntaxError for text that is not JSON.
 * @throws TooDeep for JSON that is nested too deeply.
 */
export function parseBounded(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // The value is walked, not the text: long strings cost nothing.
  if (text.length > LEAST_CHARACTERS && isDeeper(value, MAX_NESTING)) throw new TooDeep(value);
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

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((member) => isDeeper(member, levels - 1));
  return Object.values(value).some((member) => isDeeper(member, levels - 1));
}

function cutBelow(value: unknown, levels: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((member) => cutBelow(member, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, cutBelow(member, levels - 1)]),
  );
}
