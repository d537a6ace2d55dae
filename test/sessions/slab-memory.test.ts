import { expect, it } from "vitest";
import { SlabMemory } from "../../src/sessions/slab-memory.ts";

const SLAB = 1 << 20;

it("never hands out a part of memory twice", () => {
  const memory = new SlabMemory(SLAB);
  const held = new Map<Buffer, number>();
  for (let round = 0; round < 400; round++) {
    const bytes = [SLAB, SLAB, SLAB / 2, 3 * SLAB - 5, 8 * SLAB][round % 5] ?? SLAB;
    const block = memory.allocate(bytes);
    expect(block).toHaveLength(bytes);
    mark(block, round);
    held.set(block, round);
    // Releases in another order than that of the allocations.
    const victim = [...held.keys()][(round * 7) % held.size];
    if (victim && held.size > 40) {
      memory.release(victim);
      held.delete(victim);
    }
    const overwritten = [...held].filter(([other, number]) => !isMarked(other, number));
    expect(overwritten.map(([, number]) => number)).toEqual([]);
  }
});

it("uses a released slab again", () => {
  const memory = new SlabMemory(SLAB);
  const slab = memory.allocate(SLAB);
  mark(slab, 7);
  memory.release(slab);
  expect(isMarked(memory.allocate(SLAB), 7)).toBe(true);
});

it("frees memory that is larger than the spare slabs", () => {
  const memory = new SlabMemory(SLAB);
  const blocks = Array.from({ length: 100 }, () => memory.allocate(SLAB));
  const large = memory.allocate(40 * SLAB);
  for (const block of [...blocks, large]) memory.release(block);
  expect(large.buffer.byteLength).toBe(0);
  const kept = new Set(blocks.map(({ buffer }) => buffer).filter((one) => one.byteLength > 0));
  const bytes = [...kept].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(bytes).toBe(memory.spareBytes);
  expect(bytes).toBeLessThan(40 * SLAB);
});

/** Writes a number to both ends. */
function mark(block: Buffer, number: number): void {
  block.writeUInt32LE(number, 0);
  block.writeUInt32LE(number, block.length - 4);
}

function isMarked(block: Buffer, number: number): boolean {
  return block.readUInt32LE(0) === number && block.readUInt32LE(block.length - 4) === number;
}
