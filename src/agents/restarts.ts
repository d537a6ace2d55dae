import { setTimeout as sleep } from "node:timers/promises";
import type { Exit } from "../io/child.ts";
import { reasonWithCure } from "../io/error-line.ts";
import type { StderrOutput } from "../schema/event.ts";

/** A server that has died waits so long before it is started again, by how often it has died lately. */
const BACK_OFF_MS = [0, 200, 1000, 3000];
/** Dying counts as lately for so long; more often than there are waits is a loop. */
const LATELY_MS = 60_000;

/** How often a shared server has died, and what that means for its next start. */
export class Restarts {
  /** How often it has been started again because it had died. */
  count = 0;
  /** Why it has died last. */
  lastError: string | undefined;
  /** The beginning and the end of what it wrote to stderr then. */
  stderr: StderrOutput | undefined;
  readonly #name: string;
  /** When it has died, in milliseconds of a clock that is never set. */
  #deaths: number[] = [];
  #dead = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** Whether it has died and not been started since. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Resolves when it may be started; rejects where it dies again and again, or `signal` aborts. */
  async allowed(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    this.#deaths = this.#deaths.filter((at) => now - at < LATELY_MS);
    const times = this.#deaths.length;
    const wait = BACK_OFF_MS[times];
    if (wait === undefined) {
      throw new Error(
        `${this.#name} has ended ${times} times within a minute and is not started again for now: ${this.lastError}`,
      );
    }
    if (wait > 0) await sleep(wait, undefined, { signal });
  }

  started(): void {
    if (this.#dead) this.count += 1;
    this.#dead = false;
  }

  /** It has ended, and nobody wanted it to. */
  died(why: string, stderr?: StderrOutput): void {
    this.#deaths.push(performance.now());
    this.#dead = true;
    this.lastError = why;
    this.stderr = stderr;
  }
}

/** Why a server's process has gone, in a line; `name` is the command, `fault` what it was ended for. */
export function exitMessage(
  name: string,
  { code, signal, error }: Exit,
  stderr: StderrOutput,
  fault?: string,
): string {
  if (error) return `${name} could not be started: ${error.message}`;
  if (fault !== undefined) return `${name} was ended: ${fault}`;
  const reason = reasonWithCure(stderr);
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  return `${name} has ended (${how})${reason === "" ? "" : `: ${reason}`}`;
}
