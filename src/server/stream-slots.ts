import type { FastifyReply } from "fastify";
import { ProblemError } from "../schema/problem.ts";

const RETRY_AFTER_S = 5;

/** The places for event streams. Each stream takes one for as long as its answer is open. */
export class StreamSlots {
  readonly #limit: () => number;
  #taken = 0;
  /** The warning is logged. It is repeated after a quarter of the streams has ended. */
  #logged = false;

  /** `limit` returns the current number of places. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** @throws ProblemError `too_many_streams` when every place is taken. */
  take(reply: FastifyReply): void {
    const limit = this.#limit();
    if (this.#taken >= limit) {
      if (!this.#logged) {
        reply.server.log.warn({ limit }, "no more event streams: limit reached");
      }
      this.#logged = true;
      // A connection that is kept would take a descriptor while the client waits.
      reply.headers({ "retry-after": String(RETRY_AFTER_S), connection: "close" });
      throw new ProblemError(
        "too_many_streams",
        `too many streams: ${limit} are open, the most that the limit of open files allows`,
      );
    }
    this.#taken += 1;
    reply.raw.once("close", () => {
      this.#taken -= 1;
      if (this.#taken < this.#limit() * 0.75) this.#logged = false;
    });
  }
}
