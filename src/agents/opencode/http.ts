// By its path: Bun puts a shim of its own in the place of the bare name.
import type { Pool } from "undici/index.js";
import { z } from "zod";

const Refusal = z.looseObject({
  data: z.looseObject({ message: z.string().nullish() }).nullish(),
  message: z.string().nullish(),
  name: z.string().nullish(),
});

/** The user that the server knows. */
const USER = "opencode";

/** The server answers within a second, in a folder that is new to it within three (1.18.33). */
const ANSWER_MS = 60_000;

/** One of them is the stream of events. */
const CONNECTIONS = 17;

interface RequestOptions {
  directory?: string;
  body?: object;
  limitMs?: number;
}

/** The server has refused a request. */
export class OpencodeError extends Error {
  override readonly name = "OpencodeError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Requests to one server, for one directory at a time; never by way of a proxy. */
export class OpencodeHttp {
  readonly #pool: Pool;
  readonly #authorization: string;
  readonly #closed: AbortSignal;

  private constructor(pool: Pool, password: string, closed: AbortSignal) {
    this.#pool = pool;
    this.#closed = closed;
    this.#authorization = `Basic ${Buffer.from(`${USER}:${password}`).toString("base64")}`;
  }

  /** Opens it until `closed` says that the server has gone, which then whoever waits is told. */
  static async open(url: string, password: string, closed: AbortSignal): Promise<OpencodeHttp> {
    const { Pool } = await import("undici/index.js");
    // A stream of events is silent for ten seconds at a time; a slow answer keeps nobody waiting.
    const options = { bodyTimeout: 0, headersTimeout: ANSWER_MS, connections: CONNECTIONS };
    const pool = new Pool(url, options);
    closed.addEventListener("abort", () => void pool.destroy());
    return new OpencodeHttp(pool, password, closed);
  }

  /** Asks and gives what the answer holds; rejects where the server refuses. */
  async request(
    method: "GET" | "POST" | "PATCH",
    path: string,
    { directory, body, limitMs = ANSWER_MS }: RequestOptions = {},
  ): Promise<unknown> {
    const answer = await this.#pool.request({
      method,
      path,
      headers: {
        authorization: this.#authorization,
        ...(directory !== undefined && { "x-opencode-directory": encodeURIComponent(directory) }),
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([this.#closed, AbortSignal.timeout(limitMs)]),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new OpencodeError(answer.statusCode, messageOf(text));
    return text === "" ? undefined : JSON.parse(text);
  }

  /** The bytes of the stream of all events, until it ends. */
  async *events(): AsyncGenerator<Buffer> {
    const answer = await this.#pool.request({
      method: "GET",
      path: "/global/event",
      headers: { authorization: this.#authorization, accept: "text/event-stream" },
      signal: this.#closed,
    });
    if (answer.statusCode !== 200)
      throw new OpencodeError(answer.statusCode, "no stream of events");
    for await (const chunk of answer.body) yield Buffer.from(chunk);
  }
}

/** The server's own words, in one of the forms that its errors have. */
function messageOf(text: string): string {
  try {
    const { data, message, name } = Refusal.parse(JSON.parse(text));
    return data?.message ?? message ?? name ?? text;
  } catch {
    return text;
  }
}
