import { randomInt } from "node:crypto";

/** A stretch of a text, from the first character to the one after the last. */
export type Span = readonly [start: number, end: number];

/** A shorter value may be a part of any word. */
export const LEAST_CHARACTERS = 8;
/** Length up to which a text is compared with a secret. An agreement this long shows the secret. */
const HEAD_CHARACTERS = 64;
/** Number of long secrets with the same head up to which each is compared to its end. */
const MAX_TAILS = 16;
const FILTER_SIZE = 4096;
const LAST_BITS = FILTER_SIZE - 1;
/** Odd factor of the hash. It is chosen at random, so that no client can choose secrets with one hash. */
const FACTOR = randomInt(2 ** 31) * 2 + 1;

/**
 * Secrets that are found in a text in one pass, however many there are. They are looked up by a rolling
 * hash of their first characters.
 */
export class KnownSecrets {
  readonly #least: number;
  /** Secrets by the hash of their beginning. */
  readonly #byHash = new Map<number, Alike[]>();
  /** Number of hashes with the same last bits. Most positions of a text are skipped with it. */
  #filter: Uint32Array | undefined;
  /** Factor of the character that leaves the hash. */
  readonly #leaving: number;

  /** `least` is the number of characters from which a secret, or its beginning, is looked for. */
  constructor(least = LEAST_CHARACTERS) {
    this.#least = least;
    this.#leaving = 1;
    for (let n = 0; n < least; n++) this.#leaving = Math.imul(this.#leaving, FACTOR);
  }

  /** Adds a secret that has enough characters. */
  add(secret: string): void {
    const hash = this.#hash(secret);
    const found = this.#byHash.get(hash) ?? [];
    if (found.length === 0) {
      this.#byHash.set(hash, found);
      this.#count(hash, 1);
    }
    let alike = found.find(({ beginning }) => secret.startsWith(beginning));
    if (!alike) found.push((alike = new Alike(secret.slice(0, this.#least))));
    alike.add(secret);
  }

  delete(secret: string): void {
    const hash = this.#hash(secret);
    const found = this.#byHash.get(hash) ?? [];
    const index = found.findIndex(({ beginning }) => secret.startsWith(beginning));
    const alike = found[index];
    if (!alike?.delete(secret) || alike.size > 0) return;
    found.splice(index, 1);
    if (found.length > 0) return;
    this.#byHash.delete(hash);
    this.#count(hash, -1);
  }

  /**
   * Returns where the secrets are, in order and without overlaps. The beginning of one at the end of the
   * text counts: the text may have been cut there.
   */
  find(text: string): Span[] {
    const spans: [number, number][] = [];
    const filter = this.#filter;
    if (!filter || this.#byHash.size === 0 || text.length < this.#least) return spans;
    let end = 0;
    let hash = this.#hash(text);
    for (let at = 0; at + this.#least <= text.length; at++) {
      const reached = filter[hash & LAST_BITS] === 0 ? at : this.#endAt(text, at, end, hash);
      hash = this.#roll(hash, text, at);
      if (reached === at) continue;
      const last = spans.at(-1);
      if (last && at < end) last[1] = Math.max(end, reached);
      else spans.push([at, reached]);
      end = Math.max(end, reached);
    }
    return spans;
  }

  /** Returns the end of the longest secret at a position, or the position itself. */
  #endAt(text: string, at: number, known: number, hash: number): number {
    const found = this.#byHash.get(hash);
    const alike = found?.find(({ beginning }) => text.startsWith(beginning, at));
    return alike?.endAt(text, at, known) ?? at;
  }

  /** Hash of the first characters of a text. */
  #hash(text: string): number {
    let hash = 0;
    for (let at = 0; at < this.#least; at++) {
      hash = (Math.imul(hash, FACTOR) + text.charCodeAt(at)) | 0;
    }
    return hash;
  }

  /** Returns the hash at the next position. */
  #roll(hash: number, text: string, at: number): number {
    const entering = text.charCodeAt(at + this.#least);
    const leaving = Math.imul(text.charCodeAt(at), this.#leaving);
    return (Math.imul(hash, FACTOR) + entering - leaving) | 0;
  }

  #count(hash: number, by: number): void {
    const bits = hash & LAST_BITS;
    // Most sessions have no secrets of their own.
    this.#filter ??= new Uint32Array(FILTER_SIZE);
    this.#filter[bits] = (this.#filter[bits] ?? 0) + by;
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
  readonly beginning: string;
  readonly #secrets = new Set<string>();
  #arranged: Arrangement | undefined;
  /** The last search. In a text that repeats itself the next one is the same. */
  #last: Search | undefined;

  constructor(beginning: string) {
    this.beginning = beginning;
  }

  get size(): number {
    return this.#secrets.size;
  }

  add(secret: string): void {
    this.#secrets.add(secret);
    this.#arranged = undefined;
    this.#last = undefined;
  }

  delete(secret: string): boolean {
    this.#arranged = undefined;
    this.#last = undefined;
    return this.#secrets.delete(secret);
  }

  /**
   * Returns the end of the longest secret at a position, or the position itself if no secret is there. The
   * text before `known` is not read again.
   */
  endAt(text: string, at: number, known: number): number {
    this.#arranged ??= arrange(this.#secrets);
    const rest = text.slice(at, at + HEAD_CHARACTERS);
    if (rest !== this.#last?.rest) this.#last = search(this.#arranged, rest);
    const { head, isCut, others } = this.#last;
    if (isCut && at + rest.length === text.length) return text.length;
    if (head === undefined) return at;
    return endOfTail(text, at, Math.max(known, at + head.length), others);
  }
}

/** The result of a search of the secret that a text begins with. */
interface Search {
  rest: string;
  /** The beginning of the longest one. */
  head: string | undefined;
  /** The whole text is the beginning of a secret. */
  isCut: boolean;
  /** Longer secrets with the same head. */
  others: readonly string[];
}

function search({ heads, parents, tails }: Arrangement, rest: string): Search {
  const next = countUpTo(heads, rest);
  const common = commonLength(heads[next - 1] ?? "", rest);
  let found = next - 1;
  while (found >= 0 && (heads[found] ?? "").length > common) found = parents[found] ?? -1;
  const head = heads[found];
  const others = (head !== undefined && tails.get(head)) || [];
  return { rest, head, isCut: heads[next]?.startsWith(rest) === true, others };
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
