import type { IncomingMessage } from "node:http";
import { ProblemError } from "../schema/problem.ts";

/** The longest pause between two checks of the deadlines. */
const CHECK_MS = 1000;

/** Deadlines for the body of a request, in milliseconds. */
export interface BodyLimits {
  /** From the start of reading to the last byte. */
  wholeMs: number;
  /** Between two pieces. */
  silenceMs: number;
}

/** A body that has not arrived completely. */
interface PendingBody {
  /** Checks since the start of reading. */
  age: number;
  /** Checks since the last piece. */
  silence: number;
  fail: (problem: ProblemError) => void;
}

/** Reads the bodies of requests. One timer checks all deadlines. */
export class BodyReader {
  readonly #pending = new Set<PendingBody>();
  readonly #limits: BodyLimits;
  readonly #checkMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
    this.#checkMs = Math.min(CHECK_MS, limits.silenceMs / 5);
  }

  /**
   * Reads a body of at most `limitBytes`.
   *
   * @throws ProblemError `payload_too_large`, `request_timeout`, or `invalid_request` when the client
   * ends the connection. The request then discards the rest of the body.
   */
  async read(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
    if (Number(request.headers["content-length"] ?? 0) > limitBytes) throw tooLarge(limitBytes);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const chunks: Buffer[] = [];
    let length = 0;
    const pending: PendingBody = { age: 0, silence: 0, fail: reject };
    const take = (chunk: Buffer): void => {
      pending.silence = 0;
      length += chunk.length;
      if (length > limitBytes) reject(tooLarge(limitBytes));
      else chunks.push(chunk);
    };
    // The listener of errors stays, since an error without one could end the process.
    request
      .on("data", take)
      .once("end", resolve)
      .on("error", (cause) => reject(brokenOff(cause)));
    if (request.destroyed) reject(brokenOff());
    if (!request.complete) this.#watch(pending);
    try {
      await promise;
    } catch (problem) {
      request.off("data", take).resume();
      throw problem;
    } finally {
      this.#pending.delete(pending);
    }
    const [first] = chunks;
    return first && chunks.length === 1 ? first : Buffer.concat(chunks, length);
  }

  #watch(pending: PendingBody): void {
    this.#pending.add(pending);
    this.#timer ??= setInterval(() => this.#check(), this.#checkMs).unref();
  }

  /** Counts checks, not time: a machine that was suspended has not kept a client waiting. */
  #check(): void {
    const { wholeMs, silenceMs } = this.#limits;
    for (const pending of this.#pending) {
      pending.age += 1;
      pending.silence += 1;
      if (pending.silence * this.#checkMs > silenceMs) pending.fail(late("paused", silenceMs));
      else if (pending.age * this.#checkMs > wholeMs) pending.fail(late("lasted", wholeMs));
    }
    if (this.#pending.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function brokenOff(cause?: Error): ProblemError {
  return new ProblemError("invalid_request", "invalid request: the body broke off", {}, { cause });
}

function late(did: "paused" | "lasted", ms: number): ProblemError {
  return new ProblemError(
    "request_timeout",
    `request timeout: the body ${did} for more than ${ms / 1000} s`,
  );
}

function tooLarge(limitBytes: number): ProblemError {
  return new ProblemError(
    "payload_too_large",
    `payload too large: the body may be at most ${limitBytes} bytes long`,
  );
}
