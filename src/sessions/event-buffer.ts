import { SlabMemory } from "./slab-memory.ts";

/** A run of events of one log that is kept, and dropped, as a whole. */
export interface Slab {
  /** Bytes allocated, not bytes used. */
  readonly bytes: number;
  /** Events in it. */
  readonly count: number;
  /** Forgets the slab, which is the oldest of its log. */
  drop(): void;
  /** Ends the readers that are sending parts of it. */
  cutReaders(): void;
}

/** Memory that is wanted for a while. */
export interface Loan {
  readonly memory: Buffer;
  /** To be called once, when nobody uses it any more. */
  readonly release: () => void;
}

/** A loan for a reader when many others have larger ones. */
const SMALL_BYTES = 1 << 16;
/** The most that a loan is used for. */
const LARGE_BYTES = 1 << 19;

/** The number of large loans. */
const MAX_LENT = 8;

/** The share of the budget that dropped slabs may take before their readers are cut. */
const MAX_HELD_SHARE = 1 / 4;

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
  readonly #memory: SlabMemory;
  #lent = 0;
  /** Dropped slabs that readers are sending, the oldest first. */
  readonly #held = new Set<Slab>();
  #heldBytes = 0;

  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
    this.#memory = new SlabMemory(Math.max(4096, Math.min(1 << 20, budgetBytes >> 6)));
  }

  /** Bytes of all slabs, also of dropped ones that a reader is sending. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** What has been dropped to keep the budget; forgotten sessions are not in it. */
  get dropped(): { events: number; bytes: number } {
    return { events: this.#droppedEvents, bytes: this.#droppedBytes };
  }

  /** The largest slab a log should allocate: small enough that dropping one is a small step. */
  get maxSlabBytes(): number {
    return this.#memory.slabBytes;
  }

  /** The most bytes beside the budget that are kept for the next slabs. */
  get spareBytes(): number {
    return this.#memory.spareBytes;
  }

  /** Returns memory for a slab, with arbitrary content. */
  allocate(bytes: number): Buffer {
    return this.#memory.allocate(bytes);
  }

  /** Receives unused memory. Keeps it for the next slab, or frees it. */
  recycle(memory: Buffer): void {
    this.#memory.release(memory);
  }

  /** Bytes that the next loan has room for. */
  get loanBytes(): number {
    const large = Math.min(this.maxSlabBytes, LARGE_BYTES);
    return this.#lent < MAX_LENT ? Math.max(large, SMALL_BYTES) : SMALL_BYTES;
  }

  /**
   * Lends memory of at least `bytes`. The memory of a large loan is that of a slab and is used
   * again, because the system maps new memory page by page, which takes longer than to write to it.
   * The number of such loans is bounded, so that slow readers do not hold much.
   */
  lend(bytes: number): Loan {
    if (bytes <= SMALL_BYTES || bytes > this.maxSlabBytes || this.#lent >= MAX_LENT) {
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

  /** Counts a dropped slab that readers are sending. */
  hold(slab: Slab): void {
    this.#held.add(slab);
    this.#heldBytes += slab.bytes;
    this.#usedBytes += slab.bytes;
  }

  /** Stops counting a dropped slab, because its last reader has sent it or was cut. */
  letGo(slab: Slab): void {
    if (!this.#held.delete(slab)) return;
    this.#heldBytes -= slab.bytes;
    this.#usedBytes -= slab.bytes;
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
      const isCrowded = this.#heldBytes > this.budgetBytes * MAX_HELD_SHARE;
      if (isCrowded && this.#cutOldest()) continue;
      const victim = oldestBut(slab, this.#ended) ?? oldestBut(slab, this.#live);
      if (victim) {
        this.#droppedEvents += victim.count;
        this.#droppedBytes += victim.bytes;
        this.remove(victim);
        victim.drop();
      } else if (!this.#cutOldest()) {
        return;
      }
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

  /** Ends the readers of the slab that has been held for the longest time. */
  #cutOldest(): boolean {
    const [oldest] = this.#held;
    if (!oldest) return false;
    this.letGo(oldest);
    oldest.cutReaders();
    return true;
  }
}

function oldestBut(kept: Slab, slabs: Set<Slab>): Slab | undefined {
  for (const slab of slabs) if (slab !== kept) return slab;
  return undefined;
}
