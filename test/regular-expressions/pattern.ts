/** A part of a pattern that takes one character at a time, and how often it does. */
export interface Atom {
  /** Characters that it takes, of each kind one. */
  takes: readonly string[];
  min: number;
  max: number;
}

/** Bound of the ways through a pattern that are followed. */
const MAX_PATHS = 64;

/** One character of each kind that a pattern may distinguish. */
const KINDS = [
  ...Array.from("a0 \n\r\t-_/\\\"'`.,:;=*+?!@#$%&|<>()[]{}~^AzZ9"),
  "\0",
  "\u0007",
  "\u001b",
  "\u009b",
  "\u202e",
  "\ud800",
  "\ufeff",
  "é",
];

type Path = readonly Atom[];

/**
 * Returns the ways through a pattern: each is a sequence of atoms. A group that repeats counts once. A
 * look-around counts as its pattern. References and assertions are left out.
 */
export function pathsOf(regex: RegExp): Path[] {
  return new PatternReader(regex.source, regex.flags.replaceAll(/[gy]/g, "")).read();
}

class PatternReader {
  readonly #source: string;
  readonly #flags: string;
  #at = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags;
  }

  read(): Path[] {
    const paths = this.#alternatives();
    if (this.#at < this.#source.length) throw new Error(`unread: ${this.#source.slice(this.#at)}`);
    return paths;
  }

  #alternatives(): Path[] {
    const paths = this.#sequence();
    while (this.#take("|")) paths.push(...this.#sequence());
    return paths;
  }

  #sequence(): Path[] {
    let paths: Path[] = [[]];
    while (this.#at < this.#source.length && !"|)".includes(this.#source.charAt(this.#at))) {
      const parts = this.#term();
      // Beyond the bound only the first way through a part is followed.
      const few = paths.length * parts.length <= MAX_PATHS ? parts : parts.slice(0, 1);
      paths = few.flatMap((part) => paths.map((path) => [...path, ...part]));
    }
    return paths;
  }

  #term(): Path[] {
    if (this.#take("^") || this.#take("$") || this.#take("\\b") || this.#take("\\B")) return [[]];
    if (this.#take("(")) {
      const head = /^\?(?:[:=!]|<[=!]|<\w+>)/.exec(this.#source.slice(this.#at));
      this.#at += head?.[0].length ?? 0;
      const paths = this.#alternatives();
      if (!this.#take(")")) throw new Error(`open group: ${this.#source}`);
      const { min } = this.#quantifier();
      return min === 0 ? [...paths, []] : paths;
    }
    const takes = this.#characters();
    return [[{ takes, ...this.#quantifier() }]];
  }

  /** Reads an atom; the engine itself decides which characters it takes. */
  #characters(): string[] {
    const rest = this.#source.slice(this.#at);
    const atom =
      /^\[(?:\\.|[^\]\\])*\]|^\\(?:u\{[^}]*\}|u[\da-f]{4}|x[\da-f]{2}|p\{[^}]*\}|P\{[^}]*\}|.)|^./isu.exec(
        rest,
      )?.[0] ?? "";
    this.#at += atom.length;
    const one = new RegExp(`^${atom}$`, this.#flags);
    const own = atom.length === 1 ? [atom] : [];
    return [...new Set([...own, ...KINDS])].filter((character) => one.test(character));
  }

  #quantifier(): { min: number; max: number } {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at));
    if (!found) return { min: 1, max: 1 };
    const [whole, from, comma, to] = found;
    this.#at += whole.length;
    if (from === undefined) {
      return { min: whole.startsWith("+") ? 1 : 0, max: whole.startsWith("?") ? 1 : Infinity };
    }
    const min = Number(from);
    return { min, max: to ? Number(to) : comma ? Infinity : min };
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}
