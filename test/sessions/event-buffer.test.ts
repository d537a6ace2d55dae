import { expect, it } from "vitest";
import { ProblemError } from "../../src/schema/problem.ts";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { EventLog } from "../../src/sessions/event-log.ts";

const BUDGET = 1 << 20;
const KIB = 1024;
const MIB = 1 << 20;

/** Appends `count` events of `bytes` each, of which `rawBytes` more lie in the raw payload. */
function append(log: EventLog, count: number, bytes = KIB, rawBytes = 0): void {
  const text = "x".repeat(bytes);
  const raw = rawBytes > 0 ? JSON.stringify("y".repeat(rawBytes)) : undefined;
  for (let index = 0; index < count; index++) {
    log.append((sequence) => `{"sequence":${sequence},"text":"${text}","raw":null}`, raw);
  }
}

/** The sequences that can be read from the first kept event on. */
function kept(log: EventLog): number[] {
  const sequences: number[] = [];
  let sequence = log.firstSequence - 1;
  for (;;) {
    const piece = log.readJson(sequence, { includeRaw: true });
    if (!piece) return sequences;
    const events = JSON.parse(`[${Buffer.concat(piece.chunks).toString()}]`) as {
      sequence: number;
    }[];
    sequences.push(...events.map((event) => event.sequence));
    sequence = piece.lastSequence;
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

it("stays within its budget, and each log keeps its newest events without gaps", () => {
  const buffer = new EventBuffer(BUDGET);
  const logs = Array.from({ length: 5 }, () => new EventLog(buffer));
  for (let round = 0; round < 200; round++) {
    for (const [index, log] of logs.entries()) {
      append(log, 1 + index, 100 * (1 + ((round * 7) % 23)), round % 3 === 0 ? 500 : 0);
      expect(buffer.usedBytes).toBeLessThanOrEqual(BUDGET);
    }
  }
  for (const log of logs) {
    expect(log.firstSequence).toBeGreaterThan(1);
    expect(kept(log)).toEqual(range(log.firstSequence, log.lastSequence));
  }
  // Most of the memory is put to use.
  expect(buffer.usedBytes).toBeGreaterThan(BUDGET * 0.9);
});

it("drops last what was appended last, also where another slab was begun after it", () => {
  const buffer = new EventBuffer(64 * KIB);
  const [busy, quiet] = [new EventLog(buffer), new EventLog(buffer)];
  append(busy, 1, 100);
  // Slabs that are begun later, and hold older events than those that follow.
  append(quiet, 30);
  expect([busy.firstSequence, quiet.firstSequence]).toEqual([1, 1]);
  // One step of an agent: two events, the second of which needs a slab and with it others' room.
  append(busy, 1, 100);
  append(busy, 1, 24 * KIB);
  expect(busy.firstSequence).toBe(1);
  expect(quiet.firstSequence).toBeGreaterThan(1);
});

it("counts raw payloads", () => {
  const buffer = new EventBuffer(BUDGET);
  const log = new EventLog(buffer);
  append(log, 400, 100, 8 * KIB);
  expect(buffer.usedBytes).toBeLessThanOrEqual(BUDGET);
  expect((log.lastSequence - log.firstSequence) * 8 * KIB).toBeLessThan(BUDGET);
});

it("drops the events of ended sessions first, the oldest first", () => {
  const buffer = new EventBuffer(BUDGET);
  const [live, early, late] = [new EventLog(buffer), new EventLog(buffer), new EventLog(buffer)];
  append(live, 200);
  append(early, 200);
  append(late, 200);
  early.close();
  late.close();
  while (early.firstSequence <= early.lastSequence) {
    append(live, 10);
    expect(live.firstSequence).toBe(1);
    if (early.firstSequence <= early.lastSequence) expect(late.firstSequence).toBe(1);
  }
  while (late.firstSequence <= late.lastSequence) {
    expect(live.firstSequence).toBe(1);
    append(live, 10);
  }
  append(live, 200);
  expect(live.firstSequence).toBeGreaterThan(1);
  expect(kept(live)).toEqual(range(live.firstSequence, live.lastSequence));
});

it("drops the oldest events of live sessions where no session has ended", () => {
  const buffer = new EventBuffer(BUDGET);
  const quiet = new EventLog(buffer);
  const busy = new EventLog(buffer);
  append(quiet, 100);
  append(busy, 2000);
  expect(kept(quiet)).toEqual([]);
  expect(quiet.firstSequence).toBe(101);
  append(quiet, 3);
  expect(kept(quiet)).toEqual([101, 102, 103]);
});

it("tells a reader whose next event is gone where to read on", () => {
  const log = new EventLog(new EventBuffer(BUDGET));
  append(log, 3000);
  const { firstSequence } = log;
  expect(firstSequence).toBeGreaterThan(100);
  const reads = [
    () => log.readFrames(firstSequence - 2, { includeRaw: false }),
    () => log.readJson(0, { includeRaw: true }),
    () => log.requireKept(0),
  ];
  for (const read of reads) {
    const problem = expect.objectContaining({
      kind: "events_expired",
      status: 410,
      extensions: { firstSequence },
    });
    expect(read).toThrow(problem);
    expect(read).toThrow(ProblemError);
  }
  expect(log.readFrames(firstSequence - 1, { includeRaw: false })).toBeDefined();
});

it("keeps one event that is larger than the budget until the next one comes", () => {
  const buffer = new EventBuffer(BUDGET);
  const other = new EventLog(buffer);
  append(other, 10);
  const log = new EventLog(buffer);
  append(log, 1, 2 * BUDGET, BUDGET);
  expect(kept(log)).toEqual([1]);
  expect(kept(other)).toEqual([]);
  append(other, 1);
  expect(kept(log)).toEqual([]);
  expect(kept(other)).toEqual([11]);
  expect(buffer.usedBytes).toBeLessThanOrEqual(BUDGET);
  append(log, 1);
  expect(kept(log)).toEqual([2]);
});

it("gets the memory of a forgotten log back", () => {
  const buffer = new EventBuffer(BUDGET);
  const live = new EventLog(buffer);
  append(live, 50);
  const { usedBytes } = buffer;
  const [open, ended] = [new EventLog(buffer), new EventLog(buffer)];
  append(open, 100);
  append(ended, 100);
  ended.close();
  open.forget();
  ended.forget();
  expect(buffer.usedBytes).toBe(usedBytes);
  append(live, 2000);
  expect(buffer.usedBytes).toBeLessThanOrEqual(BUDGET);
  live.forget();
  expect(buffer.usedBytes).toBe(0);
});

it("gives a quiet session little memory", () => {
  const buffer = new EventBuffer(512 << 20);
  for (let index = 0; index < 1000; index++) append(new EventLog(buffer), 2, 200);
  expect(buffer.usedBytes / 1000).toBeLessThan(2 * KIB);
});

it("uses the memory of a dropped slab again, but not while a reader still sends from it", () => {
  const buffer = new EventBuffer(256 * 1024);
  const log = new EventLog(buffer);
  const append = (letter: string) =>
    log.append((sequence) => `{"sequence":${sequence},"text":"${letter.repeat(1000)}","raw":null}`);
  for (let n = 0; n < 200; n++) append("a");
  const piece = log.readFrames(log.firstSequence - 1, { includeRaw: false });
  const copy = Buffer.concat(piece?.chunks ?? []);
  for (let n = 0; n < 2000; n++) append("b");
  expect(log.firstSequence).toBeGreaterThan(piece?.lastSequence ?? Infinity);
  expect(Buffer.concat(piece?.chunks ?? []).equals(copy)).toBe(true);
  piece?.release();
  for (let n = 0; n < 2000; n++) append("c");
  expect(Buffer.concat(piece?.chunks ?? []).equals(copy)).toBe(false);
});

it("lends memory, and uses it again once it has been given back", () => {
  const buffer = new EventBuffer(512 << 20);
  const [one, other] = [buffer.lend(100_000), buffer.lend(100_000)];
  one.memory[0] = 1;
  other.memory[0] = 2;
  expect(one.memory[0]).toBe(1);
  one.release();
  const again = buffer.lend(200_000);
  expect(again.memory[0]).toBe(1);
  expect(buffer.lend(100).memory).toHaveLength(100);
  expect(buffer.lend(4 << 20).memory).toHaveLength(4 << 20);
  const held = Array.from({ length: 20 }, () => buffer.lend(100_000));
  expect(held.at(-1)?.memory).toHaveLength(100_000);
  for (const loan of [other, again, ...held]) loan.release();
  expect(buffer.lend(100_000).memory.length).toBeGreaterThan(100_000);
});

/** Reads the oldest events and keeps their memory, as a reader that has stalled does. */
function stall(log: EventLog, cut: () => void) {
  const piece = log.readFrames(log.firstSequence - 1, { includeRaw: false, cut });
  if (!piece) throw new Error("there is nothing to read");
  return piece;
}

it("counts a dropped slab against the budget until its reader has sent it", () => {
  const buffer = new EventBuffer(BUDGET);
  const log = new EventLog(buffer);
  append(log, 100);
  const piece = stall(log, () => undefined);
  expect(piece.heldBytes()).toBe(0);
  while (log.firstSequence <= piece.lastSequence) append(log, 10);
  expect(piece.heldBytes()).toBeGreaterThan(0);
  const { usedBytes } = buffer;
  const held = piece.heldBytes();
  piece.release();
  piece.release();
  expect(buffer.usedBytes).toBe(usedBytes - held);
});

it("cuts the readers of the oldest dropped slab when such slabs take a quarter of the budget", () => {
  const buffer = new EventBuffer(BUDGET);
  const log = new EventLog(buffer);
  const cut: number[] = [];
  let readers = 0;
  for (let n = 0; n < 2000; n++) {
    append(log, 1);
    if (n % 20 !== 0) continue;
    const reader = readers++;
    const { lastSequence } = log;
    log.readFrames(lastSequence - 1, { includeRaw: false, cut: () => cut.push(reader) });
  }
  expect(buffer.usedBytes).toBeLessThanOrEqual(BUDGET);
  expect(cut.length).toBeGreaterThan(30);
  expect(cut).toEqual(cut.toSorted((a, b) => a - b));
  expect(cut.length).toBeLessThan(readers);
  // Readers of events that are kept are not cut.
  expect(cut.at(-1)).toBeLessThan(readers - 5);
});

it("counts a pinned slab of a forgotten log, and releases it with its reader", () => {
  const buffer = new EventBuffer(BUDGET);
  const log = new EventLog(buffer);
  append(log, 100);
  const piece = stall(log, () => undefined);
  log.forget();
  expect(buffer.usedBytes).toBe(piece.heldBytes());
  piece.release();
  expect(buffer.usedBytes).toBe(0);
});

it("a page of a large event shares its memory, and a page of small ones is bounded by the loan", () => {
  const buffer = new EventBuffer(512 * MIB);
  const log = new EventLog(buffer);
  append(log, 1, 16 * MIB, 16 * MIB);
  const [one, other] = [0, 0].map((offset) => log.readJson(offset, { includeRaw: true }));
  expect(one?.chunks.length).toBeGreaterThan(100);
  expect(one?.chunks.at(-2)?.buffer).toBe(other?.chunks.at(-2)?.buffer);
  expect(Math.max(...(one?.chunks ?? []).map(({ length }) => length))).toBeLessThanOrEqual(
    128 * KIB,
  );
  append(log, 2000);
  const pieces = Array.from({ length: 20 }, () => log.readJson(1, { includeRaw: false }));
  const sizes = pieces.map((piece) => piece?.heldBytes() ?? 0);
  expect(sizes.filter((bytes) => bytes > 64 * KIB)).toHaveLength(8);
  for (const piece of pieces) piece?.release();
});
