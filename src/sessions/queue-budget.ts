import type { Prompt } from "../agents/agent.ts";
import { ProblemError } from "../schema/problem.ts";

const MiB = 2 ** 20;
/** The largest message, which always has room in an empty queue. */
const LARGEST_MESSAGE = 24 * MiB;
const MAX_SESSION_BYTES = 64 * MiB;
const MAX_DAEMON_BYTES = 256 * MiB;

/** The memory of the messages that wait for a turn, over all sessions of a daemon. */
export class QueueBudget {
  readonly sessionBytes: number;
  readonly daemonBytes: number;
  #usedBytes = 0;

  /** On a machine with little memory the limits are smaller: half of the event budget. */
  constructor(eventBytes: number) {
    this.daemonBytes = Math.max(LARGEST_MESSAGE, Math.min(MAX_DAEMON_BYTES, eventBytes / 2));
    this.sessionBytes = Math.min(MAX_SESSION_BYTES, this.daemonBytes);
  }

  /** Bytes of all messages that wait. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * Counts a message of a session in which `waiting` bytes wait already.
   *
   * @throws ProblemError `queue_full`
   */
  take(bytes: number, waiting: number, sessionId: string): void {
    const full = (detail: string) =>
      new ProblemError("queue_full", `queue full: ${detail}; send again after a turn.ended`, {
        sessionId,
      });
    if (waiting + bytes > this.sessionBytes) {
      throw full(`the messages of this session may have ${this.sessionBytes} bytes together`);
    }
    if (this.#usedBytes + bytes > this.daemonBytes) {
      throw full(`the messages of all sessions may have ${this.daemonBytes} bytes together`);
    }
    this.#usedBytes += bytes;
  }

  /** Stops counting a message that no longer waits. */
  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

/** Memory of a message: a string with a character beyond Latin-1 takes two bytes for each. */
export function promptBytes({ text, attachments }: Prompt): number {
  const paths = attachments.reduce((sum, { path }) => sum + path.length, 0);
  return (text.length + paths) * (/[^\0-\u00ff]/.test(text) ? 2 : 1);
}
