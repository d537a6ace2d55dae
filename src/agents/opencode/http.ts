import { once } from "node:events";
// By its path: Bun puts a shim of its own in the place of the bare name.
import type { Pool } from "undici/index.js";
import { z } from "zod";
import { parseCut } from "../../io/bounded-json.ts";
import { FolderSilent, OpencodeError } from "./error.ts";
import { StreamedAnswer } from "./streamed-answer.ts";

const Refusal = z.looseObject({
  data: z.looseObject({ message: z.string().nullish() }).nullish(),
  message: z.string().nullish(),
  name: z.string().nullish(),
});

/** The user that the server knows. */
const USER = "opencode";

/** The server answers within a second, in a folder that is new to it within three (1.18.33). */
const ANSWER_MS = 60_000;

/** A server that takes as long as this for an answer gives none any more. */
const HUNG_MS = 5000;
/** Time limit of a health request, in milliseconds. */
const HEALTH_MS = 5000;
/**
 * Time to wait for the exit of a server that has closed a connection. The exit is reported after
 * the last output and the last events were read, which takes seconds on a busy machine.
 */
const GONE_MS = 5000;
/** The largest answer that is read. */
const MAX_BYTES = 32 * 1024 * 1024;

/** A folder that does not answer keeps its connections for a while, and there may be many. */
const CONNECTIONS = 256;

interface RequestOptions {
  directory?: string;
  body?: object;
  limitMs?: number;
  /** Ends the request, whose failure then says nothing about the server. */
  signal?: AbortSignal;
  /** A server that does not answer this request is ended, even if it answers others. */
  mustAnswer?: boolean;
}

/** How a server is watched. */
interface Watch {
  /** Aborted when the server has gone, which whoever waits is told. */
  closed: AbortSignal;
  /** It has left a request without an answer, and will be gone. */
  unanswered: (why: string) => void;
  /** Time limit of a request, in milliseconds. */
  answerMs?: number | undefined;
}

/** Requests to one server, for one directory at a time; never by way of a proxy. */
export class OpencodeHttp {
  readonly #pool: Pool;
  /** Separate connection for health requests, which no other request can block. */
  readonly #health: Pool;
  readonly #authorization: string;
  readonly #watch: Watch;

  private constructor(pool: Pool, health: Pool, password: string, watch: Watch) {
    this.#pool = pool;
    this.#health = health;
    this.#watch = watch;
    this.#authorization = `Basic ${Buffer.from(`${USER}:${password}`).toString("base64")}`;
  }

  /** Opens it until the server has gone. */
  static async open(url: string, password: string, watch: Watch): Promise<OpencodeHttp> {
    const { Pool } = await import("undici/index.js");
    // Each request has its own time limit.
    const options = { bodyTimeout: 0, headersTimeout: 0 };
    const pool = new Pool(url, { ...options, connections: CONNECTIONS });
    const health = new Pool(url, { ...options, connections: 1 });
    watch.closed.addEventListener("abort", () => {
      void pool.destroy();
      void health.destroy();
    });
    return new OpencodeHttp(pool, health, password, watch);
  }

  /**
   * Sends a request and returns the parsed answer. Only the folder fails where the server answers
   * other requests meanwhile: it holds every session.
   *
   * @throws {OpencodeError} if the server rejects the request.
   * @throws {FolderSilent} if the server does not answer for the folder in time.
   * @throws {ServerGone} if the server has gone, or answers nothing at all.
   */
  async request(
    method: "GET" | "POST" | "PATCH",
    path: string,
    options: RequestOptions = {},
  ): Promise<unknown> {
    const { directory, body, limitMs = this.#watch.answerMs ?? ANSWER_MS, signal } = options;
    const late = AbortSignal.timeout(limitMs);
    const ends = [this.#watch.closed, late, ...(signal ? [signal] : [])];
    try {
      const answer = await this.#pool.request({
        method,
        path,
        headers: {
          authorization: this.#authorization,
          ...(directory !== undefined && { "x-opencode-directory": encodeURIComponent(directory) }),
          ...(body && { "content-type": "application/json" }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.any(ends),
      });
      const text = await textOf(answer.body, `${method} ${path}`);
      if (answer.statusCode >= 300) throw new OpencodeError(answer.statusCode, messageOf(text));
      return text === "" ? undefined : parse(text, `${method} ${path}`);
    } catch (cause) {
      if (cause instanceof OpencodeError || signal?.aborted === true) throw cause;
      const isLate = late.aborted && !this.#watch.closed.aborted;
      const why = `no answer to ${method} ${path} within ${limitMs / 1000} s`;
      const mayHang = directory !== undefined && options.mustAnswer !== true;
      if (isLate && mayHang && (await this.answers())) {
        throw new FolderSilent(`OpenCode gives ${why} for ${directory}`, { cause });
      }
      const hung = isLate && (limitMs >= HUNG_MS || this.#watch.answerMs !== undefined);
      if (hung) this.#watch.unanswered(why);
      await this.#gone(hung);
      throw cause;
    }
  }

  /** Reports if the server answers a request that concerns no folder. */
  async answers(): Promise<boolean> {
    const signal = AbortSignal.any([this.#watch.closed, AbortSignal.timeout(HEALTH_MS)]);
    const headers = { authorization: this.#authorization };
    try {
      const options = { method: "GET", path: "/global/health", headers, signal } as const;
      await (await this.#health.request(options)).body.dump();
      return true;
    } catch {
      return false;
    }
  }

  /** The bytes of the stream of all events, until it ends or is silent for so long. */
  async *events(silentMs: number): AsyncGenerator<Buffer> {
    const answer = new StreamedAnswer();
    this.#pool.dispatch(
      {
        method: "GET",
        path: "/global/event",
        headers: { authorization: this.#authorization, accept: "text/event-stream" },
        headersTimeout: silentMs,
        bodyTimeout: silentMs,
      },
      answer,
    );
    yield* answer.chunks();
  }

  /** Throws why the server has gone, which says more than that the connection broke; returns where it has not. */
  async #gone(forSure: boolean): Promise<void> {
    const { closed } = this.#watch;
    const soon = AbortSignal.timeout(GONE_MS);
    const either = forSure ? closed : AbortSignal.any([closed, soon]);
    if (!either.aborted) await once(either, "abort");
    closed.throwIfAborted();
  }
}

async function textOf(body: AsyncIterable<Uint8Array>, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop ends the connection.
    if (bytes > MAX_BYTES) throw new OpencodeError(200, `the answer to ${what} is too long`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string, what: string): unknown {
  try {
    return parseCut(text);
  } catch {
    throw new OpencodeError(200, `the answer to ${what} is not understood`);
  }
}

/** The server's own words, in one of the forms that its errors have. */
function messageOf(text: string): string {
  try {
    const { data, message, name } = Refusal.parse(parseCut(text));
    return data?.message ?? message ?? name ?? text;
  } catch {
    return text;
  }
}
