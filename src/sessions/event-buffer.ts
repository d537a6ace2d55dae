/** A run of events of one log that is kept, and dropped, as a whole. */
export interface Slab {
  /** Bytes allocated, not bytes used. */
  readonly bytes: number;
  /** Events in it. */
  readonly count: number;
  /** Forgets the slab, which is the oldest of its log. */
  drop(): void;
}

/** Memory that is wanted for a while. */
export interface Loan {
  readonly memory: Buffer;
  /** To be called once, when nobody uses it any more. */
  readonly release: () => void;
}

/** Less than this is allocated anew each time it is wanted. */
const SMALL_BYTES = 1 << 16;

/** Empty buffers kept for the next slab or loan; more would be memory that nobody uses. */
const MAX_SPARE = 8;

/** The memory that all event logs of a daemon share, and what is dropped when it is full. */
export class EventBuffer {
  readonly budgetBytes: number;
  #usedBytes = 0;
  #droppedEvents = 0;
  #droppedBytes = 0;
  // In the order of their newest events, so the first slab of a log in either set is that log's
  // oldest, and none is dropped whose events no reader has had the time to read.
  readonly #live = new Set<Slab>();
  readonly #ended = new Set<Slab>();
  /** The slab that the last event was added to. */
  #newest: Slab | undefined;
  // Dropped memory is used again at once: the runtime would collect it only after a multiple of the budget.
  readonly #spare: Buffer[] = [];
  #lent = 0;

  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** What has been dropped to keep the budget; forgotten sessions are not in it. */
  get dropped(): { events: number; bytes: number } {
    return { events: this.#droppedEvents, bytes: this.#droppedBytes };
  }

  /** The largest slab a log should allocate: small enough that dropping one is a small step. */
  get maxSlabBytes(): number {
    return Math.max(4096, Math.min(1 << 20, this.budgetBytes >> 6));
  }

  /** Memory for a slab; what it holds is anybody's. */
  allocate(bytes: number): Buffer {
    const spare = bytes === this.maxSlabBytes ? this.#spare.pop() : undefined;
    return spare ?? Buffer.allocUnsafeSlow(bytes);
  }

  /** Takes back memory that no slab and no reader uses any more. */
  recycle(memory: Buffer): void {
    if (memory.length === this.maxSlabBytes && this.#spare.length < MAX_SPARE) {
      this.#spare.push(memory);
    }
  }

  /**
   * Memory for at least so many bytes. What is large is that of a slab and is used again: new memory has to
   * be given to the process page by page, which takes longer than to write to it. Where many have some and
   * are slow to give it back, a further one gets no more than is wanted.
   */
  lend(bytes: number): Loan {
    if (bytes < SMALL_BYTES || bytes > this.maxSlabBytes || this.#lent >= MAX_SPARE) {
      return { memory: Buffer.allocUnsafe(bytes), release: () => undefined };
    }
    const memory = this.allocate(this.maxSlabBytes);
    this.#lent += 1;
    return {
      memory,
      release: () => {
        this.#lent -= 1;
        this.recycle(memory);
      },
    };
  }

  /** Counts a new slab and drops older ones until the budget holds; never `slab` itself. */
  add(slab: Slab): void {
    this.#live.add(slab);
    this.grow(slab, slab.bytes);
  }

  /** Counts `bytes` more of a slab that has been added, and to which an event has been. */
  grow(slab: Slab, bytes: number): void {
    if (slab !== this.#newest && this.#live.delete(slab)) this.#live.add(slab);
    this.#newest = slab;
    this.#usedBytes += bytes;
    while (this.#usedBytes > this.budgetBytes) {
      const victim = oldestBut(slab, this.#ended) ?? oldestBut(slab, this.#live);
      if (!victim) return;
      this.#droppedEvents += victim.count;
      this.#droppedBytes += victim.bytes;
      this.remove(victim);
      victim.drop();
    }
  }

  /** Stops counting a slab that is no longer kept. */
  remove(slab: Slab): void {
    if (slab === this.#newest) this.#newest = undefined;
    if (this.#live.delete(slab) || this.#ended.delete(slab)) this.#usedBytes -= slab.bytes;
  }

  /** Marks the slabs of an ended session: they are dropped before those of live ones. */
  retire(slabs: Iterable<Slab>): void {
    for (const slab of slabs) if (this.#live.delete(slab)) this.#ended.add(slab);
  }
}

function oldestBut(kept: Slab, slabs: Set<Slab>): Slab | undefined {
  for (const slab of slabs) if (slab !== kept) return slab;
  return undefined;
}
