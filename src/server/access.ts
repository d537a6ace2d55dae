import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ProblemError } from "../schema/problem.ts";
import type { Cors } from "./cors.ts";

/** Who may ask. */
export interface AccessOptions {
  /** Undefined: everybody who reaches the port. */
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
  /** Changes something or keeps a stream open: nothing for the pages of a foreign site. */
  isGuarded: boolean;
}

/** Decides who may ask: by token or, where there is none, by where a request comes from. */
export class Access {
  readonly #tokenDigest: Buffer | undefined;
  readonly #checksHost: boolean;
  readonly #allowedHosts: readonly string[];
  readonly #cors: Cors;

  constructor({ token, bindHost, allowedHosts }: AccessOptions, cors: Cors) {
    this.#tokenDigest = token === undefined ? undefined : digest(Buffer.from(token));
    this.#checksHost = token === undefined && isLoopback(hostnameOf(bindHost));
    this.#allowedHosts = allowedHosts.map((host) => host.toLowerCase());
    this.#cors = cors;
  }

  /** Throws a problem for whoever may not ask. */
  check({ headers, isPublic, isGuarded }: Visit): void {
    if (this.#checksHost) this.#requireHost(headers.host ?? "");
    if (this.#tokenDigest) {
      if (!isPublic) requireToken(headers.authorization, this.#tokenDigest);
    } else if (isGuarded && headers.origin !== undefined) {
      this.#requireOrigin(headers.origin, headers.host ?? "");
    }
  }

  #requireHost(host: string): void {
    const name = hostnameOf(host);
    if (isLoopback(name) || this.#allowedHosts.some((allowed) => matches(name, allowed))) return;
    throw new ProblemError(
      "host_not_allowed",
      `host not allowed: ${host}; use a loopback name, or start the server with --allow-host or a token`,
    );
  }

  #requireOrigin(origin: string, host: string): void {
    if (isSameOrigin(origin, host) || this.#cors.allows(origin)) return;
    throw new ProblemError(
      "origin_not_allowed",
      `origin not allowed: ${origin}; start the server with --cors-allow-origin or a token`,
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

/** A `Host` without its port, its brackets and a final dot. */
function hostnameOf(host: string): string {
  if (/^[^[\]]*:[^[\]]*:/.test(host)) return host.toLowerCase();
  return host
    .toLowerCase()
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

function isLoopback(name: string): boolean {
  return /^(?:(?:[^/@]+\.)?localhost|127\.\d+\.\d+\.\d+|::1)$/.test(name);
}

function matches(name: string, allowed: string): boolean {
  if (allowed === "*") return true;
  return allowed.startsWith(".")
    ? name === allowed.slice(1) || name.endsWith(allowed)
    : name === hostnameOf(allowed);
}

/** A proxy may have taken TLS off, so the scheme is the origin's. */
function isSameOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  const own = `${protocol}//${host}`;
  return originHost !== "" && URL.canParse(own) && new URL(own).host === originHost;
}
