import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "./program.ts";
import type { TemporaryHome } from "./sandbox.ts";

const startMs = 60_000;
/** Longer than a daemon takes at most to end, so that no child is left behind. */
const endMs = 30_000;
const keptCharacters = 64 * 1024;

/** How the daemon ended. */
export interface DaemonExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A daemon in a process of its own. */
export interface Daemon extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<DaemonExit>;
  /** Asks it to end and waits until it has. */
  stop(signal?: NodeJS.Signals): Promise<DaemonExit>;
  /** The newest of what it wrote to stderr. */
  stderr(): string;
  /** The newest of what it wrote to stdout. */
  stdout(): string;
}

/** What to start and in which surroundings. */
export interface DaemonOptions {
  home: TemporaryHome;
  /** Arguments after `server --port 0`; by default `--no-token`. */
  args?: readonly string[];
  /** Variables besides those of the home. */
  env?: Readonly<Record<string, string>>;
  /** Default: true. Otherwise its stderr is a socket that fills up. */
  readsStderr?: boolean;
  /** The executable; by default the program that is tested. */
  entry?: { file: string; args?: readonly string[] };
}

/**
 * Starts a daemon with nothing but the given environment and waits until it answers. Its first
 * line on stdout that holds `http://127.0.0.1:<port>` tells where.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { home, args = ["--no-token"], env = {}, readsStderr = true } = options;
  const entry = options.entry ?? program;
  const child = spawn(entry.file, [...(entry.args ?? []), "server", "--port", "0", ...args], {
    cwd: home.work,
    env: { ...home.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit").then(([code, signal]): DaemonExit => ({ code, signal }));
  const stderr = readsStderr ? newestOf(child.stderr) : () => "";
  const stdout = newestOf(child.stdout);
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<DaemonExit> => {
    child.kill(signal);
    return exited;
  };
  const dispose = async (): Promise<void> => {
    const gaveUp = new AbortController();
    const killLater = sleep(endMs, undefined, { signal: gaveUp.signal }).then(
      () => child.kill("SIGKILL"),
      () => false,
    );
    await stop().catch(() => {});
    gaveUp.abort();
    await killLater;
  };
  try {
    const limit = AbortSignal.timeout(startMs);
    const url = await Promise.race([
      announcedUrl(child.stdout, limit),
      exited.then((exit) => Promise.reject(new Error(`It ended: ${JSON.stringify(exit)}`))),
    ]);
    await untilHealthy(url, limit);
    const { pid = 0 } = child;
    return { url, pid, exited, stop, stderr, stdout, [Symbol.asyncDispose]: dispose };
  } catch (cause) {
    await dispose();
    throw new Error(`The daemon did not start. Its stderr: ${stderr() || "(none)"}`, { cause });
  }
}

function newestOf(stream: Readable): () => string {
  let newest = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    newest = (newest + chunk).slice(-keptCharacters);
  });
  return () => newest;
}

async function announcedUrl(stdout: Readable, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: stdout, signal });
  try {
    for await (const line of lines) {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (url !== undefined) return url;
    }
    throw new Error("It said no URL on stdout.");
  } finally {
    lines.close();
    stdout.resume();
  }
}

async function untilHealthy(url: string, signal: AbortSignal): Promise<void> {
  // A kept connection would count among those of the daemon until it times out.
  const headers = { connection: "close" };
  for (;;) {
    const answer = await fetch(`${url}/v1/health`, { headers, signal }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined) return;
    await sleep(20, undefined, { signal });
  }
}
