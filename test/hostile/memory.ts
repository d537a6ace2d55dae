import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { shellQuote } from "../../src/io/shell-quote.ts";
import { startDaemon } from "../support/daemon.ts";
import type { Program } from "../support/program.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { MemoryClient } from "./memory-client.ts";
import { type MemoryRow, memoryRows } from "./memory-rows.ts";

const STAND_IN = resolve(import.meta.dirname, "../../bench/stand-in.mjs");
const MB = 1e6;
/** Memory for readers, pages and images in addition to the event budget. */
const READERS_BYTES = 100 * MB;
/** Memory for a single large body, line or message, at the peak. */
const LARGE_BYTES = 300 * MB;
/** Time until the memory for a large body, line or message must be released. */
const SETTLE_MS = 30_000;
/** After its start the daemon looks for agents. */
const START_MS = 2000;

/** Resident memory of a daemon in one row, in bytes, and its slowest answer. */
export interface MemoryFigure {
  name: string;
  idle: number;
  peak: number;
  after: number;
  /** The largest values that are allowed. */
  allowed: { peak: number; after: number };
  /** The longest time for which `/v1/health` was not answered, in milliseconds. */
  healthMs: number;
  holds: boolean;
  remark: string;
}

/** Selects rows, and receives each figure as soon as it is measured. */
export interface MemoryOptions {
  /** A part of the names of the rows. */
  only?: string;
  /** From the end of the work to the last look at the memory, in milliseconds. */
  settleMs?: number;
  onFigure?: (figure: MemoryFigure) => void;
}

/** Measures the memory of a daemon in every row. Starts a daemon for each row. */
export async function measureMemory(
  daemon: Program,
  { only = "", settleMs = SETTLE_MS, onFigure }: MemoryOptions = {},
): Promise<MemoryFigure[]> {
  const figures: MemoryFigure[] = [];
  for (const row of memoryRows.filter(({ name }) => name.includes(only))) {
    const figure = await measure(daemon, row, settleMs);
    figures.push(figure);
    onFigure?.(figure);
  }
  return figures;
}

/** A line of the table of figures. */
export function formatFigure(figure: MemoryFigure): string {
  const { name, idle, peak, after, allowed, healthMs, holds, remark } = figure;
  const mb = (bytes: number): string => `${Math.round(bytes / MB)}`.padStart(5);
  const memory = `idle ${mb(idle)}, peak ${mb(peak)} of ${mb(allowed.peak)}, after ${mb(after)} of ${mb(allowed.after)} MB`;
  const verdict = holds ? "holds" : "FAILS";
  return `${verdict}  ${name.padEnd(52)} ${memory}, health ${Math.round(healthMs)} ms  ${remark}`;
}

async function measure(entry: Program, row: MemoryRow, settleMs: number): Promise<MemoryFigure> {
  await using home = await temporaryHome();
  const bin = join(home.dir, "bin");
  await mkdir(bin);
  const command = [process.execPath, STAND_IN].map(shellQuote).join(" ");
  await writeFile(join(bin, "claude"), `#!/bin/sh\nexec ${command} "$@"\n`);
  await chmod(join(bin, "claude"), 0o755);
  await using daemon = await startDaemon({
    home,
    entry,
    args: ["--no-token", "--event-buffer", String(row.budget), "--log-level", "error"],
    env: { PATH: `${bin}:${home.env["PATH"]}`, ANTHROPIC_API_KEY: "sk-ant-dummy" },
  });
  await sleep(START_MS);
  const idle = await residentBytes(daemon.pid);
  await using client = new MemoryClient(daemon, home.work);
  await using samples = new Samples(daemon);
  let remark = "";
  try {
    remark = (await row.run(client)) ?? "";
  } catch (error) {
    remark = `failed: ${String(error)} ${daemon.stderr().slice(-300)}`;
  }
  const { peak, healthMs } = samples;
  await sleep(settleMs);
  const after = await residentBytes(daemon.pid);
  const allowedAfter = idle + row.budget + READERS_BYTES + (row.keptBytes ?? 0);
  const allowed = { peak: allowedAfter + (row.isLarge ? LARGE_BYTES : 0), after: allowedAfter };
  const holds = peak > 0 && after > 0 && peak < allowed.peak && after < allowed.after;
  return { name: row.name, idle, peak, after, allowed, healthMs, holds, remark };
}

/** Memory that is really in use, in bytes; 0 when the process has ended. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Follows the memory of a daemon, and how fast it answers. */
class Samples implements AsyncDisposable {
  peak = 0;
  healthMs = 0;
  readonly #ended = new AbortController();
  readonly #work: Promise<unknown>;

  constructor({ url, pid }: { url: string; pid: number }) {
    this.#work = Promise.all([this.#sampleMemory(pid), this.#sampleHealth(url)]);
  }

  async #sampleMemory(pid: number): Promise<void> {
    while (!this.#ended.signal.aborted) {
      this.peak = Math.max(this.peak, await residentBytes(pid));
      await sleep(20);
    }
  }

  async #sampleHealth(url: string): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const begun = performance.now();
      const answer = await fetch(`${url}/v1/health`).catch(() => undefined);
      await answer?.arrayBuffer();
      this.healthMs = Math.max(this.healthMs, performance.now() - begun);
      await sleep(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#work;
  }
}
