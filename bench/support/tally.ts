const HEAD_END = "\r\n\r\n";
const LINE_END = "\r\n";

/** What the events of a stream are, one by one. */
export interface Tally {
  deltas: number;
  /** Events whose sequence is not the one after that of the event before. */
  misplaced: number;
}

/**
 * Looks at every event of an answer that came in these pieces. It takes longer than the reading, so
 * it is for when the clock has stopped.
 */
export function tally(pieces: readonly Buffer[], offset: number): Tally {
  const found: Tally = { deltas: 0, misplaced: 0 };
  let before = offset;
  for (const frame of bodyOf(Buffer.concat(pieces)).toString().split("\n\n")) {
    const sequence = /"sequence":(\d+),/.exec(frame)?.[1];
    if (sequence === undefined) continue;
    if (Number(sequence) !== before + 1) found.misplaced += 1;
    before = Number(sequence);
    if (frame.includes('"type":"item.delta"')) found.deltas += 1;
  }
  return found;
}

/** The body of an answer that is sent in chunks, as far as it has come. */
function bodyOf(answer: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let at = answer.indexOf(HEAD_END) + HEAD_END.length;
  for (;;) {
    const start = answer.indexOf(LINE_END, at) + LINE_END.length;
    const size = Number.parseInt(answer.toString("latin1", at, start), 16);
    if (start < LINE_END.length || !(size > 0)) return Buffer.concat(chunks);
    chunks.push(answer.subarray(start, start + size));
    at = start + size + LINE_END.length;
  }
}
