import type { MetricsBook } from "./metrics-book.ts";

/** How many observations may wait for the book before it is fetched. */
const MAX_WAITING = 1_000;

/** A request that is over. */
export interface RequestObservation {
  method: string;
  /** The route's path, its parameters in braces: few, unlike the paths that are asked for. */
  route: string;
  status: number;
  seconds: number;
}

/** A turn that is over. */
export interface TurnObservation {
  agent: string;
  status: string;
  seconds: number;
  /** Why it failed. */
  code?: string | undefined;
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
}

/** An install that is over. */
export interface InstallObservation {
  agent: string;
  outcome: string;
  seconds: number;
}

/**
 * What an operator measures. The book in which it stands is loaded when it is first read, or when what
 * is to be written into it gets long: a start has no time for it.
 */
export class Metrics {
  #book: MetricsBook | undefined;
  #loading: Promise<MetricsBook> | undefined;
  readonly #waiting: ((book: MetricsBook) => void)[] = [];
  readonly droppedLogLines: () => number;

  constructor(droppedLogLines: () => number = () => 0) {
    this.droppedLogLines = droppedLogLines;
  }

  /** Requests that are being answered. */
  requestsInFlight = 0;
  /** Processes that sessions have started and that run, by agent. */
  readonly processes = new Map<string, number>();

  requestBegan(): void {
    this.requestsInFlight += 1;
  }

  requestEnded(observation: RequestObservation): void {
    this.requestsInFlight -= 1;
    this.#write((book) => book.addRequest(observation));
  }

  turnStarted(agent: string): void {
    this.#write((book) => book.addTurnStart(agent));
  }

  turnEnded(observation: TurnObservation): void {
    this.#write((book) => book.addTurn(observation));
  }

  processStarted(agent: string): void {
    this.#addProcesses(agent, 1);
    this.#write((book) => book.addProcess(agent));
  }

  /** A process has ended; `crashed`: nobody wanted it to. */
  processEnded(agent: string, crashed: boolean): void {
    this.#addProcesses(agent, -1);
    if (crashed) this.#write((book) => book.addCrash(agent));
  }

  installEnded(observation: InstallObservation): void {
    this.#write((book) => book.addInstall(observation));
  }

  /** The book, with everything that has been observed in it. */
  open(): Promise<MetricsBook> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  #addProcesses(agent: string, count: number): void {
    this.processes.set(agent, (this.processes.get(agent) ?? 0) + count);
  }

  #write(entry: (book: MetricsBook) => void): void {
    if (this.#book) {
      entry(this.#book);
      return;
    }
    this.#waiting.push(entry);
    if (this.#waiting.length === MAX_WAITING) void this.open();
  }

  async #load(): Promise<MetricsBook> {
    const { MetricsBook } = await import("./metrics-book.ts");
    const book = new MetricsBook();
    this.#book = book;
    for (const entry of this.#waiting.splice(0)) entry(book);
    return book;
  }
}
