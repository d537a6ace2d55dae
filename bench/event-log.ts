import { EventBuffer } from "../src/sessions/event-buffer.ts";
import { EventLog } from "../src/sessions/event-log.ts";
import { SessionFiles } from "../src/sessions/attachments.ts";
import { Recorder } from "../src/sessions/recorder.ts";
import { SessionImages } from "../src/sessions/session-images.ts";
import type { Measure } from "./support/measure.ts";

const EVENTS = 100_000;
const delta = (index: number) => ({
  type: "item.delta" as const,
  data: { item_id: "itm_1", native_item_id: "msg_1:0", delta: `word ${index} ` },
});

/** Records the events and lets `readers` of them read all; returns the bytes read. */
function ours(readers: number, events: number): number {
  const log = new EventLog(new EventBuffer(2 ** 30));
  const recorder = new Recorder("bench", log, Date.now, new SessionImages(new SessionFiles()));
  for (let index = 0; index < events; index++) recorder.record(delta(index));
  let bytes = 0;
  for (let reader = 0; reader < readers; reader++) {
    let cursor = 0;
    for (;;) {
      const piece = log.readFrames(cursor, { includeRaw: false, maxBytes: 65_536 });
      if (!piece) break;
      for (const chunk of piece.chunks) bytes += chunk.length;
      cursor = piece.lastSequence;
      piece.release();
    }
  }
  return bytes;
}

function naive(readers: number, events: number): number {
  const kept: unknown[] = [];
  for (let index = 0; index < events; index++) {
    const sequence = index + 1;
    kept.push({
      event_id: `evt_${sequence}`,
      sequence,
      time: new Date().toISOString(),
      session_id: "bench",
      native_session_id: null,
      synthetic: true,
      source: "daemon",
      ...delta(index),
      raw: null,
    });
  }
  let bytes = 0;
  for (let reader = 0; reader < readers; reader++) {
    for (const [index, event] of kept.entries()) {
      bytes += Buffer.from(`id: ${index + 1}\ndata: ${JSON.stringify(event)}\n\n`).length;
    }
  }
  return bytes;
}

/** The shortest of some runs, in milliseconds. */
function shortest(runs: number, work: () => number): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** What it buys to serialise an event once; of the daemon that is measured this tells nothing. */
export const logMeasures: Measure[] = [1, 20].map((readers) => ({
  name: `log-${readers}`,
  method: `our event log against an array that each reader serialises for itself, ${EVENTS.toLocaleString("en")} events and ${readers} reader${readers > 1 ? "s" : ""} in one process, shortest of 5`,
  unit: "times faster",
  once: true,
  async run(_, { quick }) {
    const events = quick ? EVENTS / 100 : EVENTS;
    const runs = quick ? 1 : 5;
    if (ours(readers, events) !== naive(readers, events))
      throw new Error("the two logs do not say the same");
    return {
      value:
        shortest(runs, () => naive(readers, events)) / shortest(runs, () => ours(readers, events)),
    };
  },
}));
