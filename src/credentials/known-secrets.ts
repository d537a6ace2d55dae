/** A stretch of a text, from the first character to the one after the last. */
export type Span = readonly [start: number, end: number];

/** A shorter value may be a part of any word. */
export const LEAST_CHARACTERS = 8;
/** Length up to which a text is compared with a secret. An agreement this long shows the secret. */
const HEAD_CHARACTERS = 64;
/** Number of long secrets with the same head up to which each is compared to its end. */
const MAX_TAILS = 16;
const FILTER_SIZE = 4096;

/**
 * Secrets that are found in a text in one pass, however many there are. They are looked up by their first
 * characters.
 */
export class KnownSecrets {
  readonly #least: number;
  readonly #byBeginning = new Map<string, Alike>();
  /** Number of beginnings by hash. Most positions of a text are skipped with it. */
  readonly #filter = new Uint32Array(FILTER_SIZE);

  /** `least` is the number of characters from which a secret, or its beginning, is looked for. */
  constructor(least = LEAST_CHARACTERS) {
    this.#least = least;
  }

  /** Adds a secret that has enough characters. */
  add(secret: string): void {
    const beginning = secret.slice(0, this.#least);
    const alike = this.#byBeginning.get(beginning) ?? new Alike();
    if (alike.size === 0) {
      this.#byBeginning.set(beginning, alike);
      this.#count(beginning, 1);
    }
    alike.add(secret);
  }

  delete(secret: string): void {
    const beginning = secret.slice(0, this.#least);
    const alike = this.#byBeginning.get(beginning);
    if (!alike?.delete(secret) || alike.size > 0) return;
    this.#byBeginning.delete(beginning);
    this.#count(beginning, -1);
  }

  /**
   * Returns where the secrets are, in order and without overlaps. The beginning of one at the end of the
   * text counts: the text may have been cut there.
   */
  find(text: string): Span[] {
    const spans: [number, number][] = [];
    if (this.#byBeginning.size === 0) return spans;
    let end = 0;
    for (let at = 0; at + this.#least <= text.length; at++) {
      if (this.#filter[hash(text, at)] === 0) continue;
      const alike = this.#byBeginning.get(text.slice(at, at + this.#least));
      const reached = alike?.endAt(text, at, end) ?? at;
      if (reached === at) continue;
      const last = spans.at(-1);
      if (last && at < end) last[1] = Math.max(end, reached);
      else spans.push([at, reached]);
      end = Math.max(end, reached);
    }
    return spans;
  }

  #count(beginning: string, by: number): void {
    const at = hash(beginning, 0);
    this.#filter[at] = (this.#filter[at] ?? 0) + by;
  }
}

/** Secrets prepared for a search of the longest one at a position. */
interface Arrangement {
  /** The first characters of each, sorted. */
  heads: string[];
  /** For each head the index of the longest other that it begins with, or -1. */
  parents: number[];
  /** Secrets that are longer than their head. */
  tails: Map<string, string[]>;
}

/** Secrets that begin with the same characters. */
class Alike {
  readonly #secrets = new Set<string>();
  #arranged: Arrangement | undefined;

  get size(): number {
    return this.#secrets.size;
  }

  add(secret: string): void {
    this.#secrets.add(secret);
    this.#arranged = undefined;
  }

  delete(secret: string): boolean {
    this.#arranged = undefined;
    return this.#secrets.delete(secret);
  }

  /**
   * Returns the end of the longest secret at a position, or the position itself if no secret is there. The
   * text before `known` is not read again.
   */
  endAt(text: string, at: number, known: number): number {
    this.#arranged ??= arrange(this.#secrets);
    const { heads, parents, tails } = this.#arranged;
    const rest = text.slice(at, at + HEAD_CHARACTERS);
    const next = countUpTo(heads, rest);
    if (at + rest.length === text.length && heads[next]?.startsWith(rest) === true) {
      return text.length;
    }
    const common = commonLength(heads[next - 1] ?? "", rest);
    let found = next - 1;
    while (found >= 0 && (heads[found] ?? "").length > common) found = parents[found] ?? -1;
    const head = heads[found];
    if (head === undefined) return at;
    return endOfTail(text, at, Math.max(known, at + head.length), tails.get(head) ?? []);
  }
}

function arrange(secrets: Iterable<string>): Arrangement {
  const tails = new Map<string, string[]>();
  const all = new Set<string>();
  for (const secret of secrets) {
    const head = secret.slice(0, HEAD_CHARACTERS);
    all.add(head);
    if (secret === head) continue;
    const others = tails.get(head);
    if (others) others.push(secret);
    else tails.set(head, [secret]);
  }
  // By code unit: a secret that begins with another one then follows it.
  const heads = [...all].toSorted((a, b) => (a < b ? -1 : 1));
  const parents: number[] = [];
  for (const [index, head] of heads.entries()) {
    let parent = index - 1;
    while (parent >= 0 && !head.startsWith(heads[parent] ?? "")) parent = parents[parent] ?? -1;
    parents.push(parent);
  }
  return { heads, parents, tails };
}

/** Returns the number of sorted texts that are not greater than a text. */
function countUpTo(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? "") <= text) low = middle + 1;
    else high = middle;
  }
  return low;
}

function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  return length;
}

/** Returns the end of the agreement between a text and the secrets that begin at `at`. */
function endOfTail(text: string, at: number, from: number, secrets: readonly string[]): number {
  let end = from;
  // With too many candidates the whole word is taken for a secret.
  if (secrets.length > MAX_TAILS) while (text.charCodeAt(end) > SPACE) end += 1;
  else {
    for (const secret of secrets) {
      while (end < text.length && text.charCodeAt(end) === secret.charCodeAt(end - at)) end += 1;
    }
  }
  return end;
}

const SPACE = 0x20;

function hash(text: string, at: number): number {
  const some =
    text.charCodeAt(at) * 31 + text.charCodeAt(at + 3) * 7 + text.charCodeAt(at + 7) * 131;
  return some & (FILTER_SIZE - 1);
}
