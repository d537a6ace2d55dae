// By its path: Bun puts a shim of its own in the place of the bare name.
import type { Client } from "undici/index.js";
import { z } from "zod";

const Refusal = z.looseObject({
  data: z.looseObject({ message: z.string().nullish() }).nullish(),
  message: z.string().nullish(),
  name: z.string().nullish(),
});

/** The user that the server knows. */
const USER = "opencode";

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
export class OpencodeHttp implements AsyncDisposable {
  readonly #client: Client;
  readonly #authorization: string;

  private constructor(client: Client, password: string) {
    this.#client = client;
    this.#authorization = `Basic ${Buffer.from(`${USER}:${password}`).toString("base64")}`;
  }

  static async open(url: string, password: string): Promise<OpencodeHttp> {
    const { Client } = await import("undici/index.js");
    // A stream of events is silent for ten seconds at a time.
    return new OpencodeHttp(new Client(url, { bodyTimeout: 0, headersTimeout: 60_000 }), password);
  }

  /** Asks and gives what the answer holds; rejects where the server refuses. */
  async request(
    method: "GET" | "POST" | "DELETE",
    path: string,
    { directory, body }: { directory?: string; body?: object } = {},
  ): Promise<unknown> {
    const answer = await this.#client.request({
      method,
      path,
      headers: {
        authorization: this.#authorization,
        ...(directory !== undefined && { "x-opencode-directory": encodeURIComponent(directory) }),
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new OpencodeError(answer.statusCode, messageOf(text));
    return text === "" ? undefined : JSON.parse(text);
  }

  /** The bytes of the stream of all events, until it ends or `signal` says so. */
  async *events(signal: AbortSignal): AsyncGenerator<Buffer> {
    const answer = await this.#client.request({
      method: "GET",
      path: "/global/event",
      headers: { authorization: this.#authorization, accept: "text/event-stream" },
      signal,
    });
    if (answer.statusCode !== 200)
      throw new OpencodeError(answer.statusCode, "no stream of events");
    for await (const chunk of answer.body) yield Buffer.from(chunk);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.destroy();
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
