import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { constants } from "node:fs";
import { access, chmod } from "node:fs/promises";
import { basename, delimiter, dirname, extname, isAbsolute, join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { SandboxAgentSpawnOptions } from "./spawn-options.ts";

const POLL_MS = 200;
const END_MS = 5_000;
/** How long the last words of a daemon that has ended may be on their way. */
const LAST_WORDS_MS = 1_000;
const TAIL_CHARACTERS = 4_096;

/** A daemon that this program has started. Disposal ends it, and so does the end of the program. */
export interface SpawnedDaemon extends AsyncDisposable {
  readonly baseUrl: string;
  readonly token: string;
}

/** Starts a daemon and resolves when it answers; one that does not is ended. */
export async function spawnSandboxAgent(
  options: SandboxAgentSpawnOptions,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<SpawnedDaemon> {
  const { host = "127.0.0.1", port = 0, timeoutMs = 15_000, log = "inherit", env } = options;
  const token = options.token || randomBytes(24).toString("hex");
  const { file, args } = await findDaemon(options.binaryPath);
  const daemon = new DaemonProcess(
    spawnChild(file, [...args, "server", "--host", host, "--port", String(port)], {
      // The token stands in no list of processes.
      env: {
        ...process.env,
        ...env,
        SANDBOX_AGENT_TOKEN: token,
        SANDBOX_AGENT_STOP_WITH_STDIN: "1",
      },
      // Its standard input ends when this program does, even by SIGKILL.
      stdio: ["pipe", "pipe", log === "inherit" ? "inherit" : "pipe"],
      // A Ctrl-C is this program's to pass on.
      detached: true,
    }),
  );
  try {
    const baseUrl = await daemon.answers(timeoutMs, fetch);
    return { baseUrl, token, [Symbol.asyncDispose]: () => daemon.end() };
  } catch (error) {
    await daemon.end();
    throw error;
  }
}

/** Only once: at a second signal a daemon leaves without ending its sessions. */
function tellToEnd(child: ChildProcess): void {
  if (!child.killed) child.kill("SIGTERM");
}

/** Node tells later that a program cannot be started, Bun throws it. */
function spawnChild(file: string, args: string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(file, args, options);
  } catch (cause) {
    throw new Error(`sandbox-agent could not be started: ${messageOf(cause)}.`, { cause });
  }
}

class DaemonProcess {
  readonly #child: ChildProcess;
  readonly #url: Promise<string>;
  readonly #stderr: () => string;
  readonly #closed: Promise<unknown>;
  /** Resolves with how it ended. */
  readonly #exited: Promise<string>;
  #waitsFor = "it has not told yet where it listens";

  constructor(child: ChildProcess) {
    this.#child = child;
    running.add(child);
    this.#url = urlIn(child.stdout);
    this.#stderr = tailOf(child.stderr);
    this.#closed = once(child, "close").catch(() => undefined);
    this.#exited = once(child, "exit")
      .then(
        ([code, signal]) => `It ended ${code === null ? `by ${signal}` : `with code ${code}`}.`,
        (error: unknown) => `It could not be started: ${messageOf(error)}.`,
      )
      .finally(() => running.delete(child));
    // What it ends by is told by how it ends.
    child.stdin?.on("error", () => undefined);
  }

  /** Resolves with its address when it answers there. */
  async answers(timeoutMs: number, fetch: typeof globalThis.fetch): Promise<string> {
    const over = new AbortController();
    const { signal } = over;
    try {
      return await Promise.race([
        this.#becomesHealthy(fetch, signal),
        this.#exited.then(async (how) => {
          await Promise.race([this.#closed, sleep(LAST_WORDS_MS, undefined, { signal })]);
          throw this.#failure(`sandbox-agent exited before becoming healthy. ${how}`);
        }),
        sleep(timeoutMs, undefined, { signal }).then(() => {
          const what = `Timed out waiting for sandbox-agent health (${this.#waitsFor}).`;
          throw this.#failure(what);
        }),
      ]);
    } finally {
      over.abort();
    }
  }

  /** Asks it to end, and kills it where that does not help. */
  async end(): Promise<void> {
    tellToEnd(this.#child);
    const over = new AbortController();
    const killed = sleep(END_MS, undefined, { signal: over.signal }).then(
      () => this.#child.kill("SIGKILL"),
      () => false,
    );
    await this.#exited;
    over.abort();
    await killed;
  }

  async #becomesHealthy(fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<string> {
    const url = await this.#url;
    for (;;) {
      try {
        const { ok, status, body } = await fetch(`${url}/v1/health`, { signal });
        await body?.cancel();
        if (ok) return url;
        this.#waitsFor = `${url} answered ${status}`;
      } catch (error) {
        this.#waitsFor = `${url}: ${messageOf(error)}`;
      }
      await sleep(POLL_MS, undefined, { signal });
    }
  }

  #failure(message: string): Error {
    const said = this.#stderr().trim();
    return new Error(said === "" ? message : `${message} Its stderr ends with:\n${said}`);
  }
}

/** The address that the daemon announces; what it says later is read and dropped. */
function urlIn(stdout: Readable | null): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let said = "";
  let found: string | undefined;
  stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    if (found !== undefined) return;
    said = (said + chunk).slice(-TAIL_CHARACTERS);
    found = /\bhttp:\/\/\S+(?=\s)/.exec(said)?.[0];
    if (found !== undefined) resolve(found);
  });
  return promise;
}

function tailOf(stream: Readable | null): () => string {
  let tail = "";
  stream?.setEncoding("utf8").on("data", (chunk: string) => {
    tail = (tail + chunk).slice(-TAIL_CHARACTERS);
  });
  return () => tail;
}

/** The daemons that have to end with this program: signals are a matter of the whole process. */
const running = new (class {
  readonly #children = new Set<ChildProcess>();
  readonly #endAll = () => {
    for (const child of this.#children) tellToEnd(child);
  };
  readonly #onSignal = (signal: NodeJS.Signals) => {
    // Where the program listens too, it is up to the program whether it ends.
    if (process.listenerCount(signal) > 1) return;
    this.#endAll();
    this.#stopListening();
    process.kill(process.pid, signal);
  };

  add(child: ChildProcess): void {
    if (this.#children.size === 0) this.#listen();
    this.#children.add(child);
  }

  delete(child: ChildProcess): void {
    this.#children.delete(child);
    if (this.#children.size === 0) this.#stopListening();
  }

  #listen(): void {
    process.on("exit", this.#endAll);
    // Before the program's own: one that listens once would not be seen any more.
    process.prependListener("SIGINT", this.#onSignal);
    process.prependListener("SIGTERM", this.#onSignal);
  }

  #stopListening(): void {
    process.off("exit", this.#endAll);
    process.off("SIGINT", this.#onSignal);
    process.off("SIGTERM", this.#onSignal);
  }
})();

async function findDaemon(given: string | undefined): Promise<{ file: string; args: string[] }> {
  if (given !== undefined) return { file: await executable(given), args: [] };
  const { SANDBOX_AGENT_BIN: named, PATH = "" } = process.env;
  if (named && (await exists(named))) return { file: await executable(named), args: [] };
  const own = ownProgram();
  if (own !== undefined && (await exists(own))) return { file: process.execPath, args: [own] };
  // A relative entry means the working directory, which may be a foreign project.
  for (const folder of PATH.split(delimiter).filter(isAbsolute)) {
    const file = join(folder, "sandbox-agent");
    if (await exists(file, constants.X_OK)) return { file, args: [] };
  }
  throw new Error(
    "sandbox-agent binary not found. Give its path as `spawn.binaryPath` or in SANDBOX_AGENT_BIN, or install it on PATH.",
  );
}

/** The program of this package, where the runtime that runs us can run it too. */
function ownProgram(): string | undefined {
  if (!/^(node|bun)/.test(basename(process.execPath))) return undefined;
  const here = fileURLToPath(import.meta.url);
  // In a bundle we lie somewhere else, and beside us may be anybody's program.
  if (!/[/\\]sdk[/\\]spawn\.[jt]s$/.test(here)) return undefined;
  return join(dirname(here), "..", `main${extname(here)}`);
}

/** What was unpacked by a tool that drops modes may need to be made executable. */
async function executable(path: string): Promise<string> {
  if (!(await exists(path)))
    throw new Error(`sandbox-agent binary not found. Nothing is at ${path}.`);
  if (await exists(path, constants.X_OK)) return path;
  await chmod(path, 0o755).catch(() => undefined);
  if (await exists(path, constants.X_OK)) return path;
  throw new Error(`sandbox-agent binary is not executable: ${path}\nRun: chmod +x ${path}`);
}

function exists(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
