/** The bounds of a `RecentMap`. */
export interface RecentMapOptions<V> {
  /** Entries that are kept at most. */
  max?: number;
  /** The size of a value, in characters or bytes. */
  sizeOf?: (value: V) => number;
  /** The sum of the sizes that is kept at most. A single larger value is kept alone. */
  maxSize?: number;
}

const MAX_ENTRIES = 1000;
const MAX_SIZE = 16 * 1024 * 1024;

/** A map for what an agent names: beyond its bounds the entries that were set first are dropped. */
export class RecentMap<V> {
  readonly #entries = new Map<string, { value: V; size: number }>();
  readonly #max: number;
  readonly #maxSize: number;
  readonly #sizeOf: (value: V) => number;
  #size = 0;

  constructor({
    max = MAX_ENTRIES,
    sizeOf = () => 0,
    maxSize = MAX_SIZE,
  }: RecentMapOptions<V> = {}) {
    this.#max = max;
    this.#sizeOf = sizeOf;
    this.#maxSize = maxSize;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Sets an entry. One that exists keeps its place. */
  set(key: string, value: V): void {
    this.#size -= this.#entries.get(key)?.size ?? 0;
    const size = key.length + this.#sizeOf(value);
    this.#entries.set(key, { value, size });
    this.#size += size;
    for (const oldest of this.#entries.keys()) {
      const fits = this.#entries.size <= this.#max && this.#size <= this.#maxSize;
      if (fits) return;
      if (oldest !== key) this.delete(oldest);
    }
  }

  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    this.#size -= entry.size;
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#size = 0;
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** The entries, the oldest first. */
  entries(): [key: string, value: V][] {
    return Array.from(this.#entries, ([key, { value }]) => [key, value]);
  }

  /** The values, the oldest first. */
  values(): V[] {
    return Array.from(this.#entries.values(), ({ value }) => value);
  }
}

/** A rough size of data of JSON, in characters. */
export function sizeOfJson(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  let size = 16;
  for (const [key, member] of Object.entries(value)) size += key.length + sizeOfJson(member);
  return size;
}
