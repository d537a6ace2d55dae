import { expect, it } from "vitest";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { EventLog } from "../../src/sessions/event-log.ts";

const json = (sequence: number) =>
  `{"sequence":${sequence},"text":"${"x".repeat(300)}","raw":null}`;

it.each([2, 3, 20, 200])(
  "a reader that reads after each step of its session loses nothing, whatever %i sessions in step drop",
  (sessions) => {
    const buffer = new EventBuffer(sessions * 8 * 1024);
    const readers = Array.from({ length: sessions }, () => ({
      log: new EventLog(buffer),
      cursor: 0,
    }));
    for (let step = 0; step < 200; step++) {
      for (const reader of readers) {
        // One step of an agent may be several events; readers come after it.
        for (let event = 0; event < 1 + (step % 3); event++) reader.log.append(json);
        for (;;) {
          const piece = reader.log.readFrames(reader.cursor, { includeRaw: false });
          if (!piece) break;
          reader.cursor = piece.lastSequence;
          piece.release();
        }
      }
    }
    expect(readers.map(({ cursor }) => cursor)).toEqual(readers.map(({ log }) => log.lastSequence));
    expect(readers.every(({ log }) => log.firstSequence > 1)).toBe(true);
  },
);
