import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type TemporaryHome, temporaryHome } from "../../test/support/sandbox.ts";

const STANDS_IN = resolve(import.meta.dirname, "../stand-in.mjs");
const START_MS = 30_000;
const STOP_MS = 10_000;

/** A daemon that can be measured: any that speaks the API of v0.1. */
export interface Target {
  label: string;
  /** A program, or a script for the Node that runs this. */
  path: string;
  /** Arguments of Node before the script. */
  nodeArgs?: readonly string[];
}

/** What a daemon is measured with. */
export interface DaemonOptions {
  /** The agent on its PATH, and the words that start it; by default the stand-in as `claude`. */
  agent?: { name: string; words: readonly string[] };
  /** More arguments of `server`. */
  args?: readonly string[];
  /** Puts what its user has configured into its home; gives more variables. */
  prepare?: (home: TemporaryHome) => Promise<Record<string, string>>;
}

/** A running daemon in surroundings of its own. */
export class Daemon implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** From the start of the process to its first answer, in milliseconds. */
  readonly startMs: number;
  readonly work: string;
  readonly #end: () => Promise<void>;

  private constructor(
    port: number,
    pid: number,
    startMs: number,
    work: string,
    end: () => Promise<void>,
  ) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.pid = pid;
    this.startMs = startMs;
    this.work = work;
    this.#end = end;
  }

  /** Starts a daemon and waits for its first answer. */
  static async start(target: Target, options: DaemonOptions = {}): Promise<Daemon> {
    const home = await temporaryHome();
    const port = await freePort();
    const env = await options.prepare?.(home);
    const agent = options.agent ?? { name: "claude", words: [process.execPath, STANDS_IN] };
    const bin = await folderWith(home, agent);
    const [file, ...args] = isScript(target.path)
      ? [process.execPath, ...(target.nodeArgs ?? []), target.path]
      : [target.path];
    const begun = performance.now();
    const address = ["--host", "127.0.0.1", "--port", String(port)];
    const child = spawn(
      file ?? "",
      [...args, "server", "--no-token", ...address, ...(options.args ?? [])],
      {
        cwd: home.work,
        env: {
          ...home.env,
          PATH: `${bin}:${home.env["PATH"]}`,
          ANTHROPIC_API_KEY: "sk-ant-dummy",
          ...env,
        },
        stdio: "ignore",
      },
    );
    // Also when the run itself is cut short.
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    const exited = once(child, "exit")
      .catch(() => [])
      .finally(() => process.off("exit", kill));
    const end = async () => {
      child.kill("SIGTERM");
      const late = sleep(STOP_MS, undefined, { ref: false }).then(() => child.kill("SIGKILL"));
      await Promise.race([exited, late]);
      await exited;
      await home[Symbol.asyncDispose]();
    };
    try {
      const ended = new AbortController();
      void exited.then(() => ended.abort(new Error("it ended")));
      await untilHealthy(port, ended.signal);
    } catch (cause) {
      await end();
      throw new Error(`${target.path} did not answer on port ${port}`, { cause });
    }
    return new Daemon(port, child.pid ?? 0, performance.now() - begun, home.work, end);
  }

  /** Memory that is really in use, in bytes. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

function isScript(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

/** A folder for PATH in which there is an agent. */
async function folderWith(
  home: TemporaryHome,
  { name, words }: NonNullable<DaemonOptions["agent"]>,
): Promise<string> {
  const folder = join(home.dir, "bin");
  await mkdir(folder, { recursive: true });
  const command = words.map((word) => `'${word}'`).join(" ");
  await writeFile(join(folder, name), `#!/bin/sh\nexec ${command} "$@"\n`);
  await chmod(join(folder, name), 0o755);
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

async function untilHealthy(port: number, ended: AbortSignal): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    ended.throwIfAborted();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/health`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    if (performance.now() > deadline) throw new Error("no answer");
    await sleep(2);
  }
}
