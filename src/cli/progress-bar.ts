import type { InstallProgress } from "../schema/agent.ts";

const BAR_WIDTH = 24;
const DEFAULT_COLUMNS = 80;

/** Where progress is written to: stderr, or what a test puts in its place. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Shows how far the install of an agent is. */
export interface ProgressDisplay {
  show(agent: string, progress: InstallProgress): void;
  /** Ends what is shown of an agent; what is written next begins a line. */
  clear(): void;
}

/** A bar in one line of a terminal, a few plain lines elsewhere. */
export function createProgressDisplay(output: Output): ProgressDisplay {
  return output.isTTY === true ? new ProgressBar(output) : new ProgressLines(output);
}

class ProgressBar implements ProgressDisplay {
  readonly #output: Output;
  #shown = "";

  constructor(output: Output) {
    this.#output = output;
  }

  show(agent: string, { phase, receivedBytes, totalBytes }: InstallProgress): void {
    const amount = phase === "downloading" ? describeAmount(receivedBytes, totalBytes) : "";
    // In the last column some terminals begin a new line.
    const width = (this.#output.columns ?? DEFAULT_COLUMNS) - 1;
    const text = `${agent} ${phase}${amount}`.slice(0, Math.max(width, 0));
    if (text === this.#shown) return;
    this.#shown = text;
    this.#output.write(`\r${text}\x1b[K`);
  }

  clear(): void {
    if (this.#shown !== "") this.#output.write("\r\x1b[K");
    this.#shown = "";
  }
}

class ProgressLines implements ProgressDisplay {
  readonly #output: Output;
  #said = "";

  constructor(output: Output) {
    this.#output = output;
  }

  show(agent: string, progress: InstallProgress): void {
    const what = describeStep(progress);
    if (what === this.#said) return;
    this.#said = what;
    this.#output.write(`${agent}: ${what}\n`);
  }

  clear(): void {
    this.#said = "";
  }
}

/** Changes with the phase, and with every quarter of a download. */
function describeStep({ phase, receivedBytes, totalBytes }: InstallProgress): string {
  if (phase !== "downloading" || totalBytes === undefined) return phase;
  const quarters = Math.floor((fraction(receivedBytes, totalBytes) * 100) / 25);
  return `${phase} ${megabytes(totalBytes)} MB, ${quarters * 25} %`;
}

function describeAmount(received: number, total: number | undefined): string {
  if (total === undefined) return ` ${megabytes(received)} MB`;
  const part = fraction(received, total);
  const filled = Math.floor(part * BAR_WIDTH);
  const bar = "#".repeat(filled).padEnd(BAR_WIDTH, "-");
  const percent = String(Math.floor(part * 100)).padStart(3);
  return ` [${bar}] ${percent} %, ${megabytes(received)} of ${megabytes(total)} MB`;
}

/** What the server said of the length may be wrong. */
function fraction(received: number, total: number): number {
  return total > 0 ? Math.min(received / total, 1) : 1;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
