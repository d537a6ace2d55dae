import { expect, it } from "vitest";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { EventLog, type LogPiece } from "../../src/sessions/event-log.ts";

const MIB = 1 << 20;

/** Repeatable chance: the same seed gives the same numbers from 0 up to but without 1. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Recorded {
  /** Without the raw payload and what closes the object. */
  json: string;
  raw: string | undefined;
}

/** Fills a log with events of random sizes, a third of them with a raw payload. */
function fill(log: EventLog, count: number, random: () => number, maxSize: number): Recorded[] {
  return Array.from({ length: count }, () => {
    // Most events are small, some are huge.
    const size = () => Math.floor(random() ** 4 * maxSize);
    const text = ["a", "ñ", "€", "😀"][Math.floor(random() * 4)] ?? "a";
    const raw = random() < 0.33 ? JSON.stringify({ text: text.repeat(size()) }) : undefined;
    const rest = `"text":"${text.repeat(size())}","raw":`;
    let json = "";
    log.append((sequence) => `${(json = `{"sequence":${sequence},${rest}`)}null}`, raw);
    return { json, raw };
  });
}

function jsonOf({ json, raw }: Recorded, includeRaw: boolean): string {
  return `${json}${(includeRaw && raw) || "null"}}`;
}

type Read = (sequence: number) => LogPiece | undefined;

/** All pieces that `read` gives, one after the other. */
function readAll(read: Read): Buffer[] {
  const pieces: Buffer[] = [];
  let sequence = 0;
  for (let piece = read(0); piece; piece = read(sequence)) {
    expect(piece.lastSequence).toBeGreaterThan(sequence);
    sequence = piece.lastSequence;
    pieces.push(Buffer.concat(piece.chunks));
  }
  return pieces;
}

it.each([1, 2, 3, 4, 5, 6])(
  "gives back what was appended, however it is read (seed %i)",
  (seed) => {
    const random = chance(seed);
    // The smaller the budget, the smaller the slabs: the events must go over their edges.
    const log = new EventLog(new EventBuffer(seed % 2 === 0 ? 8 * MIB : 128 * MIB));
    const recorded = fill(log, 300, random, 6000);
    expect(log.lastSequence).toBe(300);
    expect(log.firstSequence).toBe(1);
    for (const includeRaw of [false, true]) {
      const jsons = recorded.map((event) => jsonOf(event, includeRaw));
      const frames = jsons.map((json, index) => `id: ${index + 1}\ndata: ${json}\n\n`).join("");
      const maxBytes = () => Math.floor(random() * 20_000);
      const limited = (sequence: number) => ({
        includeRaw,
        maxBytes: maxBytes(),
        upTo: sequence + 7,
      });
      const framesRead: Read[] = [
        (sequence) => log.readFrames(sequence, { includeRaw }),
        (sequence) => log.readFrames(sequence, { includeRaw, maxBytes: maxBytes() }),
        (sequence) => log.readFrames(sequence, { includeRaw, maxBytes: 1 }),
        (sequence) => log.readFrames(sequence, limited(sequence)),
      ];
      for (const read of framesRead) {
        expect(Buffer.concat(readAll(read)).toString() === frames).toBe(true);
      }
      const jsonsRead: Read[] = [
        (sequence) => log.readJson(sequence, { includeRaw }),
        (sequence) => log.readJson(sequence, limited(sequence)),
      ];
      for (const read of jsonsRead) {
        const pieces = readAll(read).map((piece) => piece.toString());
        expect(pieces.join(",") === jsons.join(",")).toBe(true);
        expect(JSON.parse(`[${pieces.join(",")}]`)).toHaveLength(300);
      }
    }
  },
);

it("gives nothing after the last event, and no more than was asked for", () => {
  const log = new EventLog(new EventBuffer(MIB));
  expect(log.readFrames(0, { includeRaw: false })).toBeUndefined();
  fill(log, 10, chance(1), 10);
  expect(log.readFrames(10, { includeRaw: false })).toBeUndefined();
  expect(log.readJson(99, { includeRaw: false })).toBeUndefined();
  expect(log.readJson(4, { includeRaw: false, upTo: 4 })).toBeUndefined();
  expect(log.readJson(4, { includeRaw: false, upTo: 6 })?.lastSequence).toBe(6);
});

it("keeps each piece within the bytes asked for, unless one event alone is larger", () => {
  const log = new EventLog(new EventBuffer(128 * MIB));
  fill(log, 500, chance(3), 3000);
  let sequence = 0;
  for (;;) {
    const piece = log.readFrames(sequence, { includeRaw: false, maxBytes: 2000 });
    if (!piece) break;
    if (piece.lastSequence > sequence + 1)
      expect(Buffer.concat(piece.chunks).length).toBeLessThanOrEqual(2000);
    sequence = piece.lastSequence;
  }
  expect(sequence).toBe(500);
});

it("reads a page of a long log without touching the rest, and copies nothing for a stream", () => {
  const log = new EventLog(new EventBuffer(128 * MIB));
  const count = 100_000;
  for (let index = 0; index < count; index++) log.append((n) => `{"sequence":${n},"raw":null}`);
  const json = (n: number) => `{"sequence":${n},"raw":null}`;
  const frame = (n: number) => `id: ${n}\ndata: ${json(n)}\n\n`;
  for (const sequence of [0, 50_000, count - 2]) {
    const options = { includeRaw: false, upTo: sequence + 2 };
    const [a, b] = [sequence + 1, sequence + 2];
    expect(log.readJson(sequence, options)?.chunks.join("")).toBe(`${json(a)},${json(b)}`);
    const first = log.readFrames(sequence, options)?.chunks[0];
    const second = log.readFrames(sequence, options)?.chunks[0];
    expect(first?.toString()).toBe(frame(a) + frame(b));
    expect(first?.buffer).toBe(second?.buffer);
    expect(first?.byteOffset).toBe(second?.byteOffset);
  }
  const pieces = readAll((sequence) => log.readFrames(sequence, { includeRaw: false }));
  expect(pieces.length).toBeLessThan(20);
});

it("keeps an event that is larger than a slab", () => {
  const log = new EventLog(new EventBuffer(MIB));
  const big = "x".repeat(200_000);
  const raw = JSON.stringify("y".repeat(300_000));
  log.append(() => `{"raw":null}`);
  log.append(() => `{"text":"${big}","raw":null}`, raw);
  log.append(() => `{"raw":null}`);
  const pieces = readAll((sequence) => log.readJson(sequence, { includeRaw: true }));
  expect(pieces.join(",") === `{"raw":null},{"text":"${big}","raw":${raw}},{"raw":null}`).toBe(
    true,
  );
});

it("wakes those who wait when an event comes, and when it is closed", async () => {
  const log = new EventLog(new EventBuffer(MIB));
  const event = log.bell.wait();
  log.append(() => `{"raw":null}`);
  expect(await event).toBe("rung");
  const end = log.bell.wait();
  log.close();
  expect(await end).toBe("rung");
  expect(log.closed).toBe(true);
  expect(log.readJson(0, { includeRaw: false })?.lastSequence).toBe(1);
});

it("takes nothing after it has been closed", () => {
  const log = new EventLog(new EventBuffer(MIB));
  log.close();
  log.close();
  expect(() => log.append(() => `{"raw":null}`)).toThrow("after the end of its session");
  expect(log.lastSequence).toBe(0);
});
