/** What the process of clients is told to do. */
export type Command =
  /** Creates so many sessions and opens a stream of each. */
  | { do: "open"; url: string; sessions: number }
  /** Sends each session a message each second, then waits for the last turn and event. */
  | { do: "talk"; seconds: number; messageBytes: number }
  /** Deletes the sessions; each stream must end by itself. */
  | { do: "close" };

/** What the clients have seen since their sessions were created. */
export interface Tally {
  /** Messages that were accepted. */
  accepted: number;
  /** Messages that were not. */
  refused: number;
  turnsEnded: number;
  /** Events that readers have had. */
  events: number;
  /** Events that were skipped, and those recorded that have not come. */
  lost: number;
  /** Sessions of which the oldest events have been dropped. */
  droppedFrom: number;
  /** Bytes in the event buffer, as the daemon reports them. */
  eventBytes: number;
  /** Events that are kept, of all sessions, and of the one that has fewest. */
  kept: { all: number; fewest: number };
  /** Streams that are open, and those that have ended by themselves after `session.ended`. */
  streams: { open: number; ended: number };
  /** The first faults of streams and answers. */
  faults: string[];
  /** Milliseconds from a message to its `turn.ended`. */
  turnMs: { median: number; p99: number; longest: number };
  /** How late the latest message was sent. */
  latestMs: number;
}

/** What comes back: a tally, or why the command failed. */
export type Reply = { tally: Tally } | { error: string };
