import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The header in which a client may give a request an id, and every answer tells it. */
export const REQUEST_ID = "x-request-id";

/** What may stand in a log and in a header as it is. */
const SAFE = /^[\w.:+/=-]{1,128}$/;

/** Gives every request an id: by it an answer, a problem and the lines of the log belong together. */
export class RequestIds {
  // A random id for each request would cost as much as answering a health check.
  readonly #prefix = randomBytes(6).toString("hex");
  #count = 0;

  /** The client's own where it is short and safe, else a new one. */
  of({ headers }: IncomingMessage): string {
    const given = headers[REQUEST_ID];
    return typeof given === "string" && SAFE.test(given) ? given : this.next();
  }

  /** A new one. */
  next(): string {
    this.#count += 1;
    return `${this.#prefix}-${this.#count.toString(36)}`;
  }
}
