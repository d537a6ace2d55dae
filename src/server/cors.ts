import type { IncomingHttpHeaders } from "node:http";
import { REQUEST_ID } from "./request-ids.ts";

/** Which web pages of other origins may use the API. */
export interface CorsOptions {
  /** Exact origins, or `*`. */
  origins: readonly string[];
  methods?: readonly string[] | undefined;
  headers?: readonly string[] | undefined;
  credentials: boolean;
}

const VARY = {
  vary: "origin, access-control-request-method, access-control-request-headers",
} as const;

/** The CORS headers of answers. */
export class Cors {
  readonly #options: CorsOptions;
  /** Pages of every origin may use the API. */
  readonly allowsAny: boolean;

  constructor(options: CorsOptions) {
    this.#options = options;
    this.allowsAny = options.origins.includes("*");
    if (this.allowsAny && options.credentials) {
      throw new Error(
        "CORS credentials cannot be allowed for every origin: name the origins instead of `*`, or leave out --cors-allow-credentials",
      );
    }
  }

  allows(origin: string): boolean {
    return this.allowsAny || this.#options.origins.includes(origin);
  }

  /** The headers of every answer. */
  headers({ origin }: IncomingHttpHeaders): Readonly<Record<string, string>> {
    const named = origin !== undefined && this.allows(origin) ? origin : undefined;
    const allowed = this.allowsAny ? "*" : named;
    if (allowed === undefined) return VARY;
    return {
      ...VARY,
      "access-control-allow-origin": allowed,
      // The headers of ours that scripts of another page may read.
      "access-control-expose-headers": `${REQUEST_ID},x-turn-id`,
      ...(this.#options.credentials && { "access-control-allow-credentials": "true" }),
    };
  }

  /** What the answer to an OPTIONS request has besides. */
  preflightHeaders(headers: IncomingHttpHeaders): Record<string, string> {
    const { methods, headers: allowedHeaders, credentials } = this.#options;
    // To a request with credentials `*` is a name like any other, and it never covers Authorization.
    const anyMethod = (credentials && headers["access-control-request-method"]) || "*";
    const anyHeader = headers["access-control-request-headers"] || "*";
    return {
      "access-control-allow-methods": listed(methods) ?? anyMethod,
      "access-control-allow-headers": listed(allowedHeaders) ?? anyHeader,
    };
  }
}

function listed(names: readonly string[] | undefined): string | undefined {
  return names && names.length > 0 ? names.join(",") : undefined;
}
