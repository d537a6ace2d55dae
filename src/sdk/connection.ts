import { SandboxAgentError } from "./error.ts";

/** How to reach a daemon. */
export interface SandboxAgentConnectOptions {
  /** Where it listens, such as `http://127.0.0.1:2468`. */
  baseUrl: string;
  token?: string | undefined;
  /** What requests are made with, instead of the runtime's own `fetch`. */
  fetch?: typeof fetch | undefined;
  /** Sent with every request. */
  headers?: HeadersInit | undefined;
}

/** One request: what is not given is not sent. */
export interface RequestOptions {
  /** Members that are null or undefined are left out. */
  query?: object | undefined;
  body?: unknown;
  accept?: string;
  signal?: AbortSignal | undefined;
}

/**
 * True when the runtime's `fetch` takes the member `cache`. The one of Cloudflare Workers rejects it.
 * Next.js 14 would cache GET requests of a server without it.
 */
const acceptsCacheMode = testCacheMode();

function testCacheMode(): boolean {
  try {
    return new Request("http://127.0.0.1/", { cache: "no-store" }).cache === "no-store";
  } catch {
    return false;
  }
}

/** Makes requests of one daemon. */
export class Connection {
  readonly baseUrl: string;
  readonly #token: string | undefined;
  readonly #fetch: typeof fetch;
  readonly #headers: HeadersInit | undefined;

  constructor(options: SandboxAgentConnectOptions) {
    this.baseUrl = options.baseUrl.replace(/\/$/, "");
    this.#token = options.token;
    this.#headers = options.headers;
    const given: typeof fetch | undefined = options.fetch ?? globalThis.fetch?.bind(globalThis);
    if (!given) throw new Error("Fetch API is not available; give the `fetch` option.");
    this.#fetch = given;
  }

  /** Asks, and gives an answer that is 2xx; any other is thrown as a `SandboxAgentError`. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const { query, body, accept = "application/json", signal } = options;
    const headers = new Headers(this.#headers);
    if (this.#token !== undefined && this.#token !== "") {
      headers.set("Authorization", `Bearer ${this.#token}`);
    }
    headers.set("Accept", accept);
    if (body !== undefined) headers.set("Content-Type", "application/json");
    // A browser's own fetch refuses to be called as a method of something else.
    const fetch = this.#fetch;
    const response = await fetch(`${this.baseUrl}${path}${searchOf(query)}`, {
      method,
      headers,
      ...(acceptsCacheMode && { cache: "no-store" }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      throw explained(error, this.baseUrl);
    });
    if (!response.ok) throw await SandboxAgentError.of(response);
    return response;
  }

  /** Asks for JSON; an empty answer is undefined. */
  async json<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
    const response = await this.request(method, path, options);
    const text = response.status === 204 ? "" : await response.text();
    const answer: T = text === "" ? undefined : JSON.parse(text);
    return answer;
  }

  /** Asks for a server-sent event stream. */
  stream(method: string, path: string, options?: RequestOptions): Promise<Response> {
    return this.request(method, path, { ...options, accept: "text/event-stream" });
  }
}

/** A path, its parameters encoded: `` path`/v1/sessions/${id}` ``. */
export function path(parts: TemplateStringsArray, ...ids: string[]): string {
  return String.raw({ raw: parts }, ...ids.map((id) => encodeURIComponent(id)));
}

function searchOf(query: object | undefined): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) params.set(name, String(value));
  }
  const search = params.toString();
  return search === "" ? "" : `?${search}`;
}

/** A page is told nothing but that it failed when its origin is not allowed: so we tell what may be. */
function explained(error: unknown, baseUrl: string): unknown {
  const origin: string | undefined = globalThis.location?.origin;
  if (!(error instanceof TypeError) || origin === undefined) return error;
  if (URL.parse(baseUrl)?.origin === origin) return error;
  const where = `${baseUrl} cannot be reached from a page of ${origin}`;
  const cure = `is the daemon running there, and was it started with --cors-allow-origin ${origin}?`;
  return new TypeError(`${where}: ${cure} (${error.message})`, { cause: error });
}
