/** Native ids that are remembered at most; later mentions of older ones get a new id. */
const MAX_REMEMBERED = 10_000;
/** Those that are kept between turns: work in the background may refer to them. */
const KEPT_BETWEEN_TURNS = 50;

/** Gives each native item id of a session its `itm_<n>`, on first sight. */
export class ItemIds {
  #next = 1;
  /** In the order of their last mention. */
  readonly #known = new Map<string, string>();
  #last: { nativeId: string; id: string } | undefined;

  /** A fresh id for an item without a native id. */
  create(): string {
    return `itm_${this.#next++}`;
  }

  /** The id of a native item, made on first sight. */
  of(nativeId: string | null): string {
    if (nativeId === null) return this.create();
    // Deltas mention the same item again and again.
    if (nativeId === this.#last?.nativeId) return this.#last.id;
    const known = this.#known.get(nativeId);
    const id = known ?? this.create();
    if (known !== undefined) this.#known.delete(nativeId);
    this.#known.set(nativeId, id);
    this.#last = { nativeId, id };
    this.#forget(MAX_REMEMBERED);
    return id;
  }

  /** Another id for a native item: the one before is not its any more. */
  renew(nativeId: string): string {
    const id = this.create();
    this.#known.set(nativeId, id);
    this.#last = { nativeId, id };
    return id;
  }

  /** The id of a native item that has been seen. */
  find(nativeId: string): string | undefined {
    return this.#known.get(nativeId);
  }

  /** Forgets all but the last mentioned. */
  trim(): void {
    this.#forget(KEPT_BETWEEN_TURNS);
  }

  #forget(kept: number): void {
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= kept) return;
      this.#known.delete(oldest);
    }
  }
}
