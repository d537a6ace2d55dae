import { REDACTED, redactShapes } from "./secret-shapes.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Names of variables whose values are secrets, and of those that only tell where one is. */
const SECRET = /KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|AUTHORIZATION|COOKIE|_HEADERS$|_PAT$/i;
const PLACE = /(?:_FILE|_PATH|_DIR|_SOCK)$|^GOOGLE_APPLICATION_CREDENTIALS$/i;
/** What is shorter may be a part of any word. */
const LEAST_CHARACTERS = 8;
/** So many values of sessions are remembered, those that were used last. */
const MAX_GIVEN = 1_000;

/**
 * The secrets that this daemon has handed to agents, which may show them when they fail: whoever reads
 * logs, errors or the state of the daemon is not to see them.
 */
export class Secrets {
  /** Those of the daemon's own environment. */
  readonly #own = new Set<string>();
  readonly #given = new Set<string>();
  #longestFirst: readonly string[] | undefined;

  constructor(own: Environment) {
    for (const form of secretsOf(own)) this.#own.add(form);
  }

  /** Remembers the secrets in the environment of a process or a session. */
  add(env: Environment): void {
    for (const form of secretsOf(env)) {
      if (this.#own.has(form)) continue;
      if (!this.#given.delete(form)) this.#longestFirst = undefined;
      this.#given.add(form);
    }
    for (const oldest of this.#given) {
      if (this.#given.size <= MAX_GIVEN) break;
      this.#given.delete(oldest);
    }
  }

  /** A text without secrets, known ones and what looks like one. */
  redact(text: string): string {
    // One secret may be a part of another.
    this.#longestFirst ??= [...this.#own, ...this.#given].toSorted((a, b) => b.length - a.length);
    return redactShapes(this.#longestFirst.reduce(without, text));
  }

  /** Data of JSON without secrets in its texts: itself where there are none. */
  redactIn<T>(data: T): T {
    let found = false;
    const redacted: T = JSON.parse(JSON.stringify(data), (_, value: unknown) => {
      if (typeof value !== "string") return value;
      const text = this.redact(value);
      found ||= text !== value;
      return text;
    });
    return found ? redacted : data;
  }
}

/** A text without a secret, nor the beginning of one at its end: it may have been cut there. */
function without(text: string, secret: string): string {
  const beginning = secret.slice(0, LEAST_CHARACTERS);
  if (!text.includes(beginning)) return text;
  const rest = text.replaceAll(secret, REDACTED);
  const at = rest.lastIndexOf(beginning);
  return at !== -1 && secret.startsWith(rest.slice(at)) ? rest.slice(0, at) + REDACTED : rest;
}

/** Each secret as it is, as JSON has it and as an address has it. */
function secretsOf(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    if (!SECRET.test(name) || PLACE.test(name)) return [];
    // Output is read line by line.
    const lines = value.split(/[\r\n]+/).map((line) => line.trim());
    const secrets = lines.filter((line) => line.length >= LEAST_CHARACTERS);
    return secrets.flatMap((secret) => [
      ...new Set([secret, JSON.stringify(secret).slice(1, -1), encoded(secret)]),
    ]);
  });
}

function encoded(secret: string): string {
  return encodeURIComponent(secret.toWellFormed());
}
