const MiB = 2 ** 20;
const isBun = process.versions["bun"] !== undefined;
/**
 * The system maps a block of this size separately. The allocator of Node (glibc) takes smaller blocks from its
 * heap, where short-lived blocks between them keep the heap from shrinking. Untouched memory of a block
 * costs nothing on Node. Bun (1.4) writes to all of it, and maps smaller blocks separately as well.
 */
const BLOCK_BYTES = isBun ? 0 : 33 * MiB;
/** The collector frees smaller memory. */
const SMALL_BYTES = 1 << 16;
/** Empty slabs that are kept for the next allocation, rounded up to whole regions. */
const SPARE_SLABS = 8;

/** A block that is divided into slabs. */
interface Region {
  readonly memory: ArrayBuffer;
  /** True for each slab that is in use. */
  readonly used: boolean[];
  free: number;
}

/**
 * The memory of events. Slabs of one size are used again: the collector of either runtime would free them
 * only after a multiple of the budget.
 */
export class SlabMemory {
  readonly slabBytes: number;
  /** The most bytes that are kept for the next allocation while no slab is in use. */
  readonly spareBytes: number;
  readonly #regions = new Map<ArrayBufferLike, Region>();
  /** Number of slabs in a region. */
  readonly #count: number;

  constructor(slabBytes: number) {
    this.slabBytes = slabBytes;
    this.#count = Math.max(1, Math.floor(BLOCK_BYTES / slabBytes));
    this.spareBytes = Math.ceil(SPARE_SLABS / this.#count) * this.#regionBytes;
  }

  /** Returns memory with arbitrary content: a part of a slab, whole slabs, or a separate block. */
  allocate(bytes: number): Buffer {
    const slabs = this.#slabsIn(bytes);
    if (bytes < this.slabBytes) return Buffer.allocUnsafeSlow(bytes);
    if (slabs > Math.ceil(this.#count / 2)) {
      return Buffer.allocUnsafeSlow(Math.max(bytes, BLOCK_BYTES)).subarray(0, bytes);
    }
    const { region, index } = this.#find(slabs) ?? { region: this.#addRegion(), index: 0 };
    region.used.fill(true, index, index + slabs);
    region.free -= slabs;
    return Buffer.from(region.memory, index * this.slabBytes, bytes);
  }

  /** Takes memory back that `allocate` has returned. */
  release(memory: Buffer): void {
    const region = this.#regions.get(memory.buffer);
    if (region) {
      const index = memory.byteOffset / this.slabBytes;
      const slabs = this.#slabsIn(memory.length);
      region.used.fill(false, index, index + slabs);
      region.free += slabs;
      if (region.free === this.#count) this.#trim(region);
    } else if (memory.length >= SMALL_BYTES) {
      release(memory.buffer);
    }
  }

  get #regionBytes(): number {
    return this.#count * this.slabBytes;
  }

  #slabsIn(bytes: number): number {
    return Math.ceil(bytes / this.slabBytes);
  }

  /** Finds free slabs side by side, in the fullest region that has them. The others become empty then. */
  #find(slabs: number): { region: Region; index: number } | undefined {
    const regions = [...this.#regions.values()].filter(({ free }) => free >= slabs);
    for (const region of regions.toSorted((a, b) => a.free - b.free)) {
      const index = findRun(region.used, slabs);
      if (index !== -1) return { region, index };
    }
    return undefined;
  }

  #addRegion(): Region {
    const { buffer: memory } = Buffer.allocUnsafeSlow(this.#regionBytes);
    const used = Array.from({ length: this.#count }, () => false);
    const region = { memory, used, free: this.#count };
    this.#regions.set(memory, region);
    return region;
  }

  /** Frees an empty region, unless it is needed as a spare. */
  #trim(region: Region): void {
    const empty = [...this.#regions.values()].filter(({ free }) => free === this.#count);
    if (empty.length * this.#regionBytes <= this.spareBytes) return;
    this.#regions.delete(region.memory);
    release(region.memory);
  }
}

/** Returns the index of the first run of unused slabs, or -1. */
function findRun(used: readonly boolean[], slabs: number): number {
  let length = 0;
  for (const [index, isUsed] of used.entries()) {
    length = isUsed ? 0 : length + 1;
    if (length === slabs) return index - slabs + 1;
  }
  return -1;
}

function release(memory: ArrayBufferLike): void {
  if (memory instanceof ArrayBuffer) memory.transfer(0);
}
