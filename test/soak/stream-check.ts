const headLength = 600;

/** Reads the stream of one session as its bytes come, and notes what is not as it must be. */
export class StreamCheck {
  readonly sessionId: string;
  /** Sequence of the last event. */
  last = 0;
  turnsEnded = 0;
  /** Events that were not there when a later one came. */
  lost = 0;
  /** Whether the last event was the end of the session. */
  sessionEnded = false;
  /** Whether the stream has ended, as it should or not. */
  isOver = false;
  /** What was wrong first. */
  fault: string | undefined;
  /** Called at each end of a turn. */
  onTurnEnded: () => void = () => {};
  #rest: Buffer = Buffer.alloc(0);

  constructor(sessionId: string) {
    this.sessionId = sessionId;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf("\n\n", start);
      if (end === -1) break;
      // A comment keeps the connection open and says nothing.
      if (bytes[start] !== 0x3a) this.#frame(bytes.toString("latin1", start, end));
      start = end + 2;
    }
    this.#rest = bytes.subarray(start);
  }

  #frame(frame: string): void {
    const head = frame.slice(0, headLength);
    const [, id, json = ""] = /^id: (\d+)\ndata: (.*)/.exec(head) ?? [];
    const sequence = Number(id);
    if (sequence !== this.last + 1) {
      this.#note(`after ${this.last} came ${head}`);
      if (sequence > this.last) this.lost += sequence - this.last - 1;
    }
    this.last = sequence;
    const begin = `{"event_id":"evt_${sequence}","sequence":${sequence},`;
    const whose = `"session_id":"${this.sessionId}",`;
    if (!json.startsWith(begin) || !json.includes(whose) || !frame.endsWith('"raw":null}')) {
      this.#note(`event ${sequence} is not what was recorded: ${head}`);
    }
    this.sessionEnded = json.includes('"type":"session.ended"');
    if (json.includes('"type":"turn.ended"')) this.#turnEnded(frame);
  }

  #turnEnded(frame: string): void {
    this.turnsEnded += 1;
    const { data } = JSON.parse(frame.slice(frame.indexOf("{")));
    if (data.turn_id !== `turn_${this.turnsEnded}` || data.metadata.status !== "completed") {
      this.#note(`turn ${this.turnsEnded} ended with ${JSON.stringify(data)}`);
    }
    this.onTurnEnded();
  }

  #note(fault: string): void {
    this.fault ??= `${this.sessionId}: ${fault}`;
  }
}
