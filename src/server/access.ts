import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { ProblemError } from "../schema/problem.ts";
import type { Cors } from "./cors.ts";
import { hostnameOf, isLoopback, isSameOrigin, mayBeRebound, parseOrigin } from "./host-names.ts";

/** The rules for accepting requests. */
export interface AccessOptions {
  /** Undefined: every client that reaches the port is accepted. */
  token?: string | undefined;
  /** The address or name that the daemon listens on. */
  bindHost: string;
  /** Names, suffixes (`.example.com`) or `*` that a `Host` may have besides loopback names. */
  allowedHosts: readonly string[];
}

/** A request as far as it matters for who may make it. */
export interface Visit {
  headers: IncomingHttpHeaders;
  /** Asks for no token: the banner, the health check, the description of the API. */
  isPublic: boolean;
  /** Changes something, keeps a stream open or starts work: refused to pages of foreign sites. */
  isGuarded: boolean;
}

/** Decides who may ask: by token or, where there is none, by where a request comes from. */
export class Access {
  readonly #tokenDigest: Buffer | undefined;
  readonly #checksHost: boolean;
  /** On a network a client may use any address of the machine, and no page can rebind an address. */
  readonly #takesAddresses: boolean;
  readonly #allowedHosts: readonly string[];
  readonly #cors: Cors;
  /** The `Host` of the last accepted request. */
  #acceptedHost: string | undefined;

  constructor({ token, bindHost, allowedHosts }: AccessOptions, cors: Cors) {
    this.#tokenDigest = token === undefined ? undefined : digest(Buffer.from(token));
    const isLocal = isLoopback(hostnameOf(bindHost));
    this.#checksHost = token === undefined && (isLocal || allowedHosts.length > 0);
    this.#takesAddresses = !isLocal;
    this.#allowedHosts = allowedHosts.map((host) => host.toLowerCase());
    this.#cors = cors;
  }

  /** Throws a problem for whoever may not ask. */
  check({ headers, isPublic, isGuarded }: Visit): void {
    if (this.#checksHost) this.#requireHost(headers.host ?? "");
    if (this.#tokenDigest) {
      if (!isPublic) requireToken(headers.authorization, this.#tokenDigest);
    } else if (isGuarded) {
      this.#requireOwnPage(headers);
    }
  }

  #requireHost(host: string): void {
    // Nearly all requests name the host of the one before.
    if (host === this.#acceptedHost) return;
    const name = hostnameOf(host);
    const isAddress = this.#takesAddresses && isIP(name) !== 0;
    if (isAddress || isLoopback(name) || this.#isAllowedHost(name)) {
      this.#acceptedHost = host;
      return;
    }
    throw new ProblemError(
      "host_not_allowed",
      `host not allowed: ${host}; use a loopback name, or start the server with --allow-host or a token`,
    );
  }

  #isAllowedHost(name: string): boolean {
    return this.#allowedHosts.some((allowed) => matches(name, allowed));
  }

  /** Programs send neither `Origin` nor `Sec-Fetch-Site`. */
  #requireOwnPage({ origin, host = "", "sec-fetch-site": site }: IncomingHttpHeaders): void {
    if (origin !== undefined) this.#requireOrigin(origin, host);
    else if ((site === "cross-site" || site === "same-site") && !this.#cors.allowsAny) {
      // A browser sends no `Origin` with an image or a link to another site.
      throw new ProblemError(
        "origin_not_allowed",
        "origin not allowed: a page of another site made this request; start the server with a token",
      );
    }
  }

  #requireOrigin(origin: string, host: string): void {
    if (this.#cors.allows(origin)) return;
    const page = parseOrigin(origin);
    if (!page || !isSameOrigin(page, host)) {
      throw new ProblemError(
        "origin_not_allowed",
        `origin not allowed: ${origin}; start the server with --cors-allow-origin or a token`,
      );
    }
    if (!mayBeRebound(page) || this.#isAllowedHost(hostnameOf(page.host))) return;
    throw new ProblemError(
      "origin_not_allowed",
      `origin not allowed: ${origin}; another site can direct a plain http name to this server: start the server with --allow-host ${page.hostname}, or a token`,
    );
  }
}

function requireToken(authorization: string | undefined, expected: Buffer): void {
  const given = findToken(authorization?.trim() ?? "");
  // Digests are of one length, so that the comparison tells nothing, not even the token's length.
  if (given && timingSafeEqual(digest(given), expected)) return;
  throw new ProblemError("token_invalid", "token invalid", {
    details: { message: "missing or invalid token" },
  });
}

/** The bytes of a header are those of the token: Node shows each as one character. */
function findToken(authorization: string): Buffer | undefined {
  const [, scheme = "", rest = ""] = /^(\S+)\s+(.*)$/s.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case "bearer":
    case "token":
      return Buffer.from(rest, "latin1");
    case "basic": {
      const pair = Buffer.from(rest, "base64");
      return pair.subarray(pair.indexOf(":") + 1);
    }
    default:
      return undefined;
  }
}

function digest(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function matches(name: string, allowed: string): boolean {
  if (allowed === "*") return true;
  return allowed.startsWith(".")
    ? name === allowed.slice(1) || name.endsWith(allowed)
    : name === hostnameOf(allowed);
}
