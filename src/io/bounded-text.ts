const MAX_CHARACTERS = 1024 * 1024;

/** A text that grows in pieces. Only its beginning and its length are kept. */
export class BoundedText {
  readonly #max: number;
  #head = "";
  #length = 0;

  constructor(maxCharacters = MAX_CHARACTERS) {
    this.#max = maxCharacters;
  }

  /** Characters of the whole text. */
  get length(): number {
    return this.#length;
  }

  /** Characters that are kept. */
  get kept(): number {
    return this.#head.length;
  }

  /** Appends a piece and keeps at most `room` characters of it. */
  add(piece: string, room = Infinity): void {
    // Nothing is kept behind a gap.
    const isWhole = this.#head.length === this.#length;
    const free = isWhole ? Math.max(0, Math.min(this.#max - this.#length, room)) : 0;
    this.#head += free >= piece.length ? piece : piece.slice(0, free);
    this.#length += piece.length;
  }

  /** Returns true when a whole text begins with the kept part of this one and is at least as long. */
  isPrefixOf(whole: string): boolean {
    return whole.length >= this.#length && whole.startsWith(this.#head);
  }

  /** The text, or its beginning with a note of how much is missing. */
  toString(): string {
    const missing = this.#length - this.#head.length;
    return missing === 0 ? this.#head : `${this.#head}\n[${missing} more characters are not kept]`;
  }
}
