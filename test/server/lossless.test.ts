import { setImmediate as tick, setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { listeningApp, openResponse } from "../support/listening-app.ts";

const EVENTS = 100_000;
const READERS = 20;
const DISCONNECTING = 5;
const DISCONNECTS_EACH = 20;

const heads: string[] = [];

/** Returns the beginning of the frame of a sequence. All readers share the texts. */
function headOf(sequence: number): string {
  heads[sequence] ??=
    `id: ${sequence}\ndata: {"event_id":"evt_${sequence}","sequence":${sequence},`;
  return heads[sequence];
}

/** Reads the sequences off a stream as its bytes come; fails at the first that is not the next. */
class SequenceCheck {
  last = 0;
  /** Events whose text is not the one that was recorded under their sequence. */
  altered = 0;
  #rest = "";

  push(chunk: Buffer): void {
    const text = this.#rest + chunk.toString("latin1");
    let start = 0;
    for (;;) {
      const end = text.indexOf("\n\n", start);
      if (end === -1) break;
      this.#check(text, start, end);
      start = end + 2;
    }
    this.#rest = text.slice(start);
  }

  /** Forgets a frame of which the connection brought only a part. */
  cut(): void {
    this.#rest = "";
  }

  /** Checks a frame in place, since two million of them are read. */
  #check(text: string, start: number, end: number): void {
    if (text.startsWith(":", start)) return;
    const id = `id: ${this.last + 1}\ndata: `;
    const isNext = text.startsWith(id, start) && text.indexOf("\n", start + id.length) === end;
    if (!isNext) throw new Error(`after ${this.last} came ${text.slice(start, end)}`);
    this.last += 1;
    const isWhole = text.startsWith(headOf(this.last), start) && text.endsWith('"raw":null}', end);
    if (!isWhole) this.altered += 1;
  }
}

test(`${READERS} readers of different speed and ${DISCONNECTING * DISCONNECTS_EACH} disconnects: each sees each of ${EVENTS} events once, in order`, async () => {
  await using app = await listeningApp();
  await app.createSession("s");
  const session = app.sessions.peek("s");
  const url = `${app.url}/v1/sessions/s/events/sse`;
  const checks = Array.from({ length: READERS }, () => new SequenceCheck());

  const said = Promise.withResolvers<void>();
  const readThrough = async (check: SequenceCheck, index: number) => {
    const response = await openResponse(url);
    // The first stalls until all is said, the others pause the longer the higher their number.
    if (index === 0) await said.promise;
    for await (const chunk of response) {
      check.push(chunk);
      // The slowness of the reader is the stimulus.
      if (index % 4 === 1) await sleep(index);
    }
  };
  const readInPieces = async (check: SequenceCheck) => {
    for (let left = DISCONNECTS_EACH; left >= 0; left--) {
      const response = await openResponse(url, { "last-event-id": String(check.last) });
      // Somewhere in the middle of what is still to come, in the middle of a frame as a rule.
      let bytes = left === 0 ? Infinity : Math.ceil(Math.random() * 1_500_000);
      for await (const chunk of response) {
        check.push(chunk.subarray(0, bytes));
        bytes -= chunk.length;
        if (bytes <= 0) break;
      }
      response.destroy();
      check.cut();
    }
  };
  const reading = checks.map((check, index) =>
    index < READERS - DISCONNECTING ? readThrough(check, index) : readInPieces(check),
  );

  while (session.log.lastSequence < EVENTS) {
    const outputs = Array.from({ length: 100 }, () => ({
      type: "item.delta" as const,
      nativeId: "flood",
      delta: "a few words ",
    }));
    session.receive(outputs);
    await tick();
  }
  await session.terminate();
  said.resolve();
  await Promise.all(reading);
  expect(session.log.firstSequence).toBe(1);
  expect(session.log.lastSequence).toBeGreaterThanOrEqual(EVENTS);
  expect(checks.map(({ last }) => last)).toEqual(checks.map(() => session.log.lastSequence));
  expect(checks.map(({ altered }) => altered)).toEqual(checks.map(() => 0));
}, 300_000);
