import { readFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { getCACertificates } from "node:tls";
// By its path, because Bun puts a shim of its own in the place of the bare name `undici`, one that
// ignores dispatchers, and with them proxies, extra CAs and time limits (Bun 1.4).
import type { Dispatcher } from "undici/index.js";
import { describeError } from "./describe-error.ts";
import { type Environment, firstSet } from "./environment.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "::1"];
const MAX_REDIRECTS = 5;

/** A request of which only the status of the answer matters. */
export interface HttpCall {
  method: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string;
}
const PARTIAL_CONTENT = 206;

export interface HttpClientOptions {
  /** Proxies, NO_PROXY and extra CAs are read from here, never from the process. */
  env: Environment;
  /** Settings that take precedence over those of the environment. */
  network?: NetworkSettings;
  /** How long a connection may be silent. */
  stallTimeoutMs: number;
  /** How many redirects are followed; none where a request carries a secret. */
  maxRedirects?: number;
}

/** Settings of proxies and certificate authorities. */
export interface NetworkSettings {
  /** For http and https. */
  proxy?: string;
  /** Hosts that are reached directly, separated by commas. */
  noProxy?: string;
  /** Authorities that are trusted in addition to those of the runtime, as PEM. */
  certificates?: readonly string[];
}

export interface HttpAnswer {
  body: AsyncIterable<Uint8Array>;
  /** Undefined where the server does not say. */
  contentLength: number | undefined;
  /** Which byte of the file is the first of the body: not 0 only where a range was asked for. */
  start: number;
}

/** An answer other than 2xx. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly status: number;

  constructor(status: number, url: URL) {
    super(`${showUrl(url)} answered ${status}`);
    this.status = status;
  }
}

/** Gets things by HTTP in the same way on Node and on Bun: proxies, extra CAs, bounded silence. */
export class HttpClient implements AsyncDisposable {
  readonly #send: typeof Dispatcher.prototype.request;
  readonly #dispatcher: Dispatcher;

  private constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
    this.#send = dispatcher.request.bind(dispatcher);
  }

  static async open({
    env,
    network = {},
    stallTimeoutMs,
    maxRedirects = MAX_REDIRECTS,
  }: HttpClientOptions): Promise<HttpClient> {
    const { EnvHttpProxyAgent, interceptors } = await import("undici/index.js");
    const ca = await readCertificates(env, network);
    const tls = { timeout: stallTimeoutMs, ...(ca && { ca }) };
    const agent = new EnvHttpProxyAgent({
      ...readProxies(env, network),
      connect: tls,
      requestTls: tls,
      proxyTls: tls,
      headersTimeout: stallTimeoutMs,
      bodyTimeout: stallTimeoutMs,
    });
    return new HttpClient(agent.compose(interceptors.redirect({ maxRedirections: maxRedirects })));
  }

  /** Follows redirects; throws on anything but 2xx. The body must be read to its end or returned. */
  async get(
    url: URL,
    { headers, signal }: { headers: Record<string, string>; signal: AbortSignal },
  ): Promise<HttpAnswer> {
    const answer = await this.#request(url, { method: "GET", headers }, signal);
    if (answer.statusCode < 200 || answer.statusCode > 299) {
      answer.body.on("error", () => {}).destroy();
      throw new HttpStatusError(answer.statusCode, url);
    }
    const length = Number(answer.headers["content-length"]);
    const range = /^bytes (\d+)-/.exec(String(answer.headers["content-range"]));
    return {
      body: readBody(answer.body, url),
      contentLength: length > 0 ? length : undefined,
      start: answer.statusCode === PARTIAL_CONTENT && range ? Number(range[1]) : 0,
    };
  }

  /** The status of an answer, whatever it is; what else it says is not read. */
  async status(url: URL, call: HttpCall, signal: AbortSignal): Promise<number> {
    const answer = await this.#request(url, call, signal);
    answer.body.on("error", () => {}).destroy();
    return answer.statusCode;
  }

  async #request(url: URL, { method, headers, body }: HttpCall, signal: AbortSignal) {
    try {
      return await this.#send({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        ...(body !== undefined && { body }),
        headers: { "user-agent": "sandbox-agent", ...headers },
        signal,
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new Error(`cannot get ${showUrl(url)}: ${describeError(cause)}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispatcher.destroy();
  }
}

async function* readBody(body: AsyncIterable<Uint8Array>, url: URL): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw new Error(`${showUrl(url)} broke off: ${describeError(cause)}`, { cause });
  }
}

/** A URL as it may stand in a message: without the credentials it may carry. */
export function showUrl(url: URL): string {
  return url.origin + url.pathname;
}

/** Empty strings keep undici from reading `process.env`. */
function readProxies(env: Environment, { proxy, noProxy }: NetworkSettings) {
  const http = ["http_proxy", "HTTP_PROXY"];
  const https = ["https_proxy", "HTTPS_PROXY", ...http];
  const none = noProxy ?? firstSet(env, ["no_proxy", "NO_PROXY"]);
  return {
    httpProxy: withScheme(proxy ?? firstSet(env, http)),
    httpsProxy: withScheme(proxy ?? firstSet(env, https)),
    noProxy: [...LOOPBACK, ...(none === undefined ? [] : [none])].join(","),
  };
}

function withScheme(proxy: string | undefined): string {
  if (proxy === undefined) return "";
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

/** The runtime's certificates and the extra ones. Undefined when no extra one is configured. */
async function readCertificates(
  env: Environment,
  { certificates = [] }: NetworkSettings,
): Promise<string[] | undefined> {
  // A relative path would be a file of the working directory.
  const named = [env["NODE_EXTRA_CA_CERTS"] ?? ""].filter(isAbsolute);
  const pems = await Promise.all(named.map(readIfPresent));
  const extra = [...pems.filter((pem) => pem !== undefined), ...certificates];
  return extra.length === 0 ? undefined : [...getCACertificates("default"), ...extra];
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    // As Node and npm do: a variable that names a missing file does no harm.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
