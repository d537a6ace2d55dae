import type { Random } from "../support/random.ts";

type Json = Record<string, unknown>;

const NESTINGS = [400, 501, 6_000, 100_000];
const HUGE_CHARACTERS = 256 * 1024;
const HUGE_MEMBERS = 50_000;
/** Names that every object inherits, or that a runtime gives a meaning. */
const INHERITED = ["__proto__", "constructor", "toString", "hasOwnProperty", "toJSON", "then"];
/** Marks in JSON the values that `JSON.stringify` cannot write. */
const PLACEHOLDER = "@@hostile@@";
const INFINITE = `"${PLACEHOLDER}infinite"`;
const DEEP = `"${PLACEHOLDER}deep"`;

const SIMPLE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  2 ** 53,
  "",
  "\uD800",
  "\u0000\u001B[2J",
  [],
  {},
  [[]],
  { toString: "x" },
  { toJSON: 1 },
  `${PLACEHOLDER}infinite`,
];

const BRACKETS = [
  { open: "[", close: "]" },
  { open: '{"a":', close: "}" },
];

/** A place in a value: the object or array, and the key in it. */
interface Place {
  holder: Json;
  key: string;
}

/** Makes hostile copies of the lines of an agent, the same ones for the same seed and lines. */
export class Mutator {
  readonly #random: Random;
  /** Texts that earlier lines had, most of them ids. */
  readonly #texts: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** A hostile copy of a line, without its end. */
  copyOf(line: string): Buffer {
    const value = parse(line);
    if (typeof value !== "object" || value === null) return this.#broken(line);
    const places = placesOf(value as Json);
    this.#remember(places);
    const changes = 1 + Math.floor(this.#random.below(3));
    for (let change = 0; change < changes && places.length > 0; change++) this.#change(places);
    const text = this.#written(value);
    return this.#random.next() < 0.15 ? this.#broken(text) : Buffer.from(text);
  }

  #change(places: readonly Place[]): void {
    const { holder, key } = this.#of(places);
    const other = this.#of(places);
    const changes: (() => void)[] = [
      () => set(holder, key, this.#of(SIMPLE)),
      () => set(holder, key, this.#of(SIMPLE)),
      () => delete holder[key],
      () => set(holder, this.#of(INHERITED), this.#of(SIMPLE)),
      () => set(holder, this.#of(INHERITED), holder[key]),
      () => set(holder, key, this.#of(INHERITED)),
      () => set(holder, key, other.holder[other.key]),
      () => set(holder, key, this.#texts.length > 0 ? this.#of(this.#texts) : ""),
      () => set(holder, key, `${PLACEHOLDER}deep`),
      () => set(holder, key, [holder[key], holder[key]]),
    ];
    const chance = this.#random.next();
    if (chance < 0.02) set(holder, key, "x".repeat(HUGE_CHARACTERS));
    else if (chance < 0.04) set(holder, key, Array(HUGE_MEMBERS).fill(0));
    else this.#of(changes)();
  }

  #written(value: unknown): string {
    const json = cyclic(() => JSON.stringify(value)) ?? "{}";
    const levels = this.#random.next() < 0.05 ? this.#of(NESTINGS) : this.#of([2, 400]);
    const { open, close } = this.#of(BRACKETS);
    const deep = open.repeat(levels) + "1" + close.repeat(levels);
    const text = json.replaceAll(INFINITE, "1e999").replaceAll(DEEP, () => deep);
    // A member that is there twice.
    return this.#random.next() < 0.1 ? text.replace(/^\{("[^"]+":)/, "{$1null,$1") : text;
  }

  /** Damages the text itself. */
  #broken(line: string): Buffer {
    const at = Math.floor(this.#random.below(line.length));
    const bytes = Buffer.from(line);
    const damages: (() => Buffer)[] = [
      () => Buffer.from(line.slice(0, at)),
      () => Buffer.from(line.slice(at)),
      () => Buffer.from(`\uFEFF${line}`),
      () => Buffer.from(line.replace(",", ",\r")),
      () => Buffer.from(line, "utf16le"),
      () =>
        Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xc3, 0x00]), bytes.subarray(at)]),
      () => Buffer.from("[".repeat(this.#of(NESTINGS))),
      () => Buffer.concat([bytes, bytes]),
    ];
    // A line feed would make two lines of it.
    return Buffer.from(this.#of(damages)().map((byte) => (byte === 10 ? 32 : byte)));
  }

  #remember(places: readonly Place[]): void {
    for (const { holder, key } of places) {
      const text = holder[key];
      if (typeof text === "string" && text.length < 100) this.#texts.push(text);
    }
    this.#texts.splice(0, Math.max(0, this.#texts.length - 200));
  }

  #of<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random.below(list.length))] as T;
  }
}

function placesOf(value: Json): Place[] {
  return Object.keys(value).flatMap((key) => {
    const member = value[key];
    const below = typeof member === "object" && member !== null ? placesOf(member as Json) : [];
    return [{ holder: value, key }, ...below];
  });
}

/** Sets an own member, whatever its name. */
function set(holder: Json, key: string, value: unknown): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A member may have been put below itself, and have lost its `toJSON`. */
function cyclic(write: () => string): string | undefined {
  try {
    return write();
  } catch {
    return undefined;
  }
}
