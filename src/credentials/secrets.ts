import { KnownSecrets, LEAST_CHARACTERS, type Span } from "./known-secrets.ts";
import { redactTexts } from "./redact-texts.ts";
import { REDACTED, redactShapes } from "./secret-shapes.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Names of variables whose values are secrets, and of variables that name the place of a secret. */
const SECRET = /KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|AUTHORIZATION|COOKIE|_HEADERS$|_PAT$/i;
const PLACE = /(?:_FILE|_PATH|_DIR|_SOCK)$|^GOOGLE_APPLICATION_CREDENTIALS$/i;
/** Names are short. A longer one is read up to this length. */
const NAME_CHARACTERS = 512;
/** Shorter secrets of a session stay in the log: a client could erase words of other sessions with them. */
const LEAST_IN_LOG = 16;
/** Bounds of the secrets that are added while the daemon runs. The least recently used ones are dropped. */
const MAX_RECENT = 1_000;
const MAX_RECENT_CHARACTERS = 1024 * 1024;
/** Bound of the secrets of one session. */
const MAX_SESSION_CHARACTERS = 1024 * 1024;

/** Takes secrets out of texts, and out of the texts in data. */
export interface Redactor {
  /** Returns a text without secrets, known ones and what looks like one. */
  redact(this: void, text: string): string;
  /** Returns data without secrets in its texts: the same object if it holds none. */
  redactIn<T>(this: void, data: T): T;
}

/** The secrets of one session. They leave the log's memory when they are disposed of. */
export interface SessionSecrets extends Redactor, Disposable {}

/**
 * The secrets that this daemon has and hands to agents, which may print them when they fail. They are
 * taken out of logs, errors and the state of the daemon. The secrets of a session apply to that session.
 */
export class Secrets implements Redactor {
  readonly redact: Redactor["redact"];
  readonly redactIn: Redactor["redactIn"];
  /** Redactor of the log, which also applies the long secrets of sessions. */
  readonly log: Redactor;
  readonly #environment: Environment;
  readonly #own = new KnownSecrets();
  readonly #handed = new RecentSecrets();
  readonly #ofSessions = new RecentSecrets(LEAST_IN_LOG);

  constructor(own: Environment) {
    this.#environment = { ...own };
    for (const form of new Set(secretsOf(own))) this.#own.add(form);
    const known = [this.#own, this.#handed.known];
    ({ redact: this.redact, redactIn: this.redactIn } = redactorOf(() => known));
    this.log = redactorOf(() => [...known, this.#ofSessions.known]);
  }

  /** Remembers the secrets in the environment of a process that belongs to no single session. */
  add(env: Environment): void {
    for (const [name, value] of Object.entries(env)) {
      // Most variables come from the daemon's own environment.
      if (value === this.#environment[name]) continue;
      for (const form of secretsOf({ [name]: value })) this.#handed.use(form);
    }
  }

  /** Makes the secrets in the environment of one session known to its redactor. */
  ofSession(env: Environment): SessionSecrets {
    const forms = () => new Set(secretsOf(env, MAX_SESSION_CHARACTERS));
    const inLog = () => [...forms()].filter((form) => form.length >= LEAST_IN_LOG);
    const uses = inLog().map((form) => this.#ofSessions.use(form));
    // Most sessions never fail: their secrets are arranged for a search when one is needed.
    let session: KnownSecrets | undefined;
    const known = (): KnownSecrets => {
      if (session) return session;
      session = new KnownSecrets();
      for (const form of forms()) session.add(form);
      return session;
    };
    return {
      ...redactorOf(() => [this.#own, this.#handed.known, known()]),
      [Symbol.dispose]: () => {
        for (const [index, form] of inLog().entries()) this.#ofSessions.drop(form, uses[index]);
      },
    };
  }
}

/** The number of sessions that use a secret. */
interface Uses {
  count: number;
}

/** The most recently used secrets, bounded in number and in characters. */
class RecentSecrets {
  readonly known: KnownSecrets;
  readonly #uses = new Map<string, Uses>();
  #characters = 0;

  constructor(least?: number) {
    this.known = new KnownSecrets(least);
  }

  /** Adds a secret, or makes it the most recent one. Returns the argument for `drop`. */
  use(secret: string): Uses {
    const uses = this.#uses.get(secret) ?? { count: 0 };
    this.#uses.delete(secret);
    this.#uses.set(secret, uses);
    uses.count += 1;
    if (uses.count > 1) return uses;
    this.known.add(secret);
    this.#characters += secret.length;
    for (const oldest of this.#uses.keys()) {
      const fits = this.#uses.size <= MAX_RECENT && this.#characters <= MAX_RECENT_CHARACTERS;
      if (fits) break;
      this.#forget(oldest);
    }
    return uses;
  }

  /** Ends one use. Has no effect on a secret that was forgotten and added again meanwhile. */
  drop(secret: string, uses: Uses | undefined): void {
    if (uses === undefined || this.#uses.get(secret) !== uses) return;
    uses.count -= 1;
    if (uses.count === 0) this.#forget(secret);
  }

  #forget(secret: string): void {
    this.#uses.delete(secret);
    this.known.delete(secret);
    this.#characters -= secret.length;
  }
}

function redactorOf(known: () => readonly KnownSecrets[]): Redactor {
  const redact = (text: string): string => {
    const spans = known().flatMap((secrets) => secrets.find(text));
    return redactShapes(without(text, spans));
  };
  return { redact, redactIn: (data) => redactTexts(data, redact) };
}

/** Replaces stretches of a text. Overlapping stretches count as one. */
function without(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const pieces: string[] = [];
  let end = 0;
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    if (from >= end) pieces.push(text.slice(end, from), REDACTED);
    end = Math.max(end, to);
  }
  pieces.push(text.slice(end));
  return pieces.join("");
}

/**
 * Returns each secret as it is, as JSON has it and as an address has it. Secrets beyond `maxCharacters`
 * are left out.
 */
function secretsOf(env: Environment, maxCharacters = Infinity): string[] {
  let left = maxCharacters;
  return Object.entries(env).flatMap(([name, value = ""]) => {
    const start = name.slice(0, NAME_CHARACTERS);
    if (!SECRET.test(start) || PLACE.test(name.slice(-NAME_CHARACTERS))) return [];
    left -= value.length;
    if (left < 0) return [];
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
