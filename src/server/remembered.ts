/** Answers that take long to get: asked for once, and again when what they depend on has changed. */
export class Remembered<T> {
  readonly #known = new Map<string, { key: string; answer: Promise<T> }>();
  readonly #isWorthKeeping: (answer: T) => boolean;

  constructor(isWorthKeeping: (answer: T) => boolean) {
    this.#isWorthKeeping = isWorthKeeping;
  }

  /** What is known of `id` for this key, or what `ask` says; a failure is not kept. */
  get(id: string, key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#known.get(id);
    if (known?.key === key) return known.answer;
    const asked = { key, answer: ask() };
    this.#known.set(id, asked);
    void this.#judge(id, asked);
    return asked.answer;
  }

  async #judge(id: string, asked: { key: string; answer: Promise<T> }): Promise<void> {
    let keeps = false;
    try {
      keeps = this.#isWorthKeeping(await asked.answer);
    } catch {
      // Whoever asked is told.
    }
    if (!keeps && this.#known.get(id) === asked) this.#known.delete(id);
  }
}
