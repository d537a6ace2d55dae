import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { LiveSession } from "../support/live-session.ts";

/** Between two requests of a client, which is a load and no wait. */
const PAUSE_MS = 100;

/** The longest times that other clients waited for the daemon. */
export interface Waits {
  slowestHealthMs: number;
  slowestBystanderMs: number;
  bystanderTurns: number;
}

/** A session of the mock that works beside a hostile one, and requests for the daemon's health. */
export class Bystander implements AsyncDisposable {
  readonly waits: Waits = { slowestHealthMs: 0, slowestBystanderMs: 0, bystanderTurns: 0 };
  readonly #session: LiveSession;
  readonly #stop = new AbortController();
  readonly #working: Promise<void>;

  private constructor(session: LiveSession, url: string) {
    this.#session = session;
    this.#working = Promise.all([this.#talk(), this.#ask(url)]).then(() => undefined);
    // Awaited at the end.
    this.#working.catch(() => undefined);
  }

  static async start(url: string, directory: string): Promise<Bystander> {
    const body = { agent: "mock" as const, directory };
    return new Bystander(await LiveSession.open(url, "bystander", body, { mark: false }), url);
  }

  /** Ends it; rejects when it was not served. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#working;
    await this.#session.abandon();
  }

  async #talk(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const before = performance.now();
      const { status } = await this.#session.run("hello");
      if (status !== "completed") throw new Error(`the bystander's turn is ${status}`);
      const took = Math.round(performance.now() - before);
      this.waits.slowestBystanderMs = Math.max(this.waits.slowestBystanderMs, took);
      this.waits.bystanderTurns += 1;
      await sleep(PAUSE_MS);
    }
  }

  async #ask(url: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const before = performance.now();
      const answer = await fetch(`${url}/v1/health`);
      await answer.text();
      if (!answer.ok) throw new Error(`/v1/health is ${answer.status}`);
      const took = Math.round(performance.now() - before);
      this.waits.slowestHealthMs = Math.max(this.waits.slowestHealthMs, took);
      await sleep(PAUSE_MS);
    }
  }
}
