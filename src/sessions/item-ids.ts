/** Native ids that are remembered at most; later mentions of older ones get a new id. */
const MAX_REMEMBERED = 10_000;

/** Gives each native item id of a session its `itm_<n>`, on first sight. */
export class ItemIds {
  #next = 1;
  readonly #known = new Map<string, string>();

  /** A fresh id for an item without a native id. */
  create(): string {
    return `itm_${this.#next++}`;
  }

  /** The id of a native item, made on first sight. */
  of(nativeId: string | null): string {
    if (nativeId === null) return this.create();
    const known = this.#known.get(nativeId);
    if (known) return known;
    const id = this.create();
    this.#known.set(nativeId, id);
    if (this.#known.size > MAX_REMEMBERED) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    return id;
  }

  /** The id of a native item that has been seen. */
  find(nativeId: string): string | undefined {
    return this.#known.get(nativeId);
  }
}
