import { EventEmitter, once } from "node:events";

/** An event of `/global/event`: where it happened and what. */
export interface OpencodeEvent {
  readonly directory?: string;
  readonly payload: {
    readonly type: string;
    readonly properties?: Readonly<Record<string, unknown>>;
  };
}

/** A request to the server. */
export interface OpencodeRequest {
  readonly method: string;
  readonly path: string;
  /** The folder that the request is for, sent as a header. */
  readonly directory?: string;
  readonly body?: unknown;
}

/** A line of a conversation with `opencode serve`. */
export type TranscriptLine =
  | { readonly from: "client"; readonly request: OpencodeRequest }
  | { readonly from: "server"; readonly status: number; readonly body: unknown }
  | { readonly from: "event"; readonly event: OpencodeEvent };

/** Where to begin reading a transcript, and how long to wait for more. */
export interface FollowOptions {
  since?: number;
  timeoutMs?: number;
}

/** Everything that was said on a connection, readable from any position while it grows. */
export class Transcript {
  readonly lines: TranscriptLine[] = [];
  readonly #bell = new EventEmitter().setMaxListeners(0);

  keep(line: TranscriptLine): void {
    this.lines.push(line);
    this.#bell.emit("line");
  }

  /** Gives the events one by one and waits for more; fails when that takes too long. */
  async *follow({
    since = 0,
    timeoutMs = 60_000,
  }: FollowOptions = {}): AsyncGenerator<OpencodeEvent> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (let at = since; ; at += 1) {
      while (at >= this.lines.length) await once(this.#bell, "line", { signal });
      const line = this.lines[at];
      if (line?.from === "event") yield line.event;
    }
  }

  /** The first event that is accepted, also of those already read. */
  async first(
    accepts: (event: OpencodeEvent) => boolean,
    options: FollowOptions = {},
  ): Promise<OpencodeEvent> {
    for await (const event of this.follow(options)) if (accepts(event)) return event;
    throw new Error("unreachable");
  }

  /** The properties of all events of a type, oldest first. */
  properties(type: string): Readonly<Record<string, unknown>>[] {
    return this.lines.flatMap((line) =>
      line.from === "event" && line.event.payload.type === type
        ? [line.event.payload.properties ?? {}]
        : [],
    );
  }
}
