import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";

const run = promisify(execFile);
const INSTALLED = "/usr/lib/postgresql";
/** PostgreSQL refuses to run as root: `nobody` runs it there. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const START_MS = 30_000;
/**
 * What a killed process has written the kernel still has: to wait for the disk proves nothing here,
 * and takes most of the time of a recovery.
 */
const QUICK = ["-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=20"];

/** A PostgreSQL server of Debian's package, with a database of its own in a temporary folder. */
export class Postgres implements AsyncDisposable {
  /** Where clients connect. */
  readonly url: string;
  /** How often it was killed. */
  kills = 0;
  readonly #folder: string;
  readonly #port: number;
  #server: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  static async start(): Promise<Postgres> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "sa-postgres-")));
    const postgres = new Postgres(folder, await freePort());
    try {
      if (isRoot) await chown(folder, NOBODY, NOBODY);
      const data = join(folder, "data");
      const [file, args] = await asUser("initdb", ["-U", "postgres", "-A", "trust", "-D", data]);
      await run(file, [...args, "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync"], {
        cwd: folder,
      });
      await postgres.restart();
      return postgres;
    } catch (error) {
      await postgres[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Ends the server as a failure of the machine would, without a word to anybody. */
  async kill(): Promise<void> {
    if (!this.#server) throw new Error("PostgreSQL does not run");
    await end(this.#server, "SIGKILL");
    this.#server = undefined;
    this.kills += 1;
  }

  /** Starts the server and waits until it has recovered and takes connections. */
  async restart(): Promise<void> {
    const limit = AbortSignal.timeout(START_MS);
    for (;;) {
      const server = await this.#spawn();
      const said = await untilReady(server);
      if (said === undefined) {
        this.#server = server;
        return;
      }
      // What is left of the killed one still ends.
      if (limit.aborted || !/shared memory|lock file|in use/.test(said)) throw new Error(said);
      await sleep(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its quickest regular end.
    if (this.#server) await end(this.#server, "SIGINT");
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #spawn(): Promise<ChildProcess> {
    const sockets = join(this.#folder, "sockets");
    await mkdir(sockets, { recursive: true });
    if (isRoot) await chown(sockets, NOBODY, NOBODY);
    const place = ["-D", join(this.#folder, "data"), "-k", sockets];
    const listen = ["-h", "127.0.0.1", "-p", String(this.#port)];
    const [file, args] = await asUser("postgres", [...place, ...listen, ...QUICK]);
    return spawn(file, args, {
      cwd: this.#folder,
      env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" },
      stdio: ["ignore", "ignore", "pipe"],
    });
  }
}

/** Undefined when the server is ready; else what it said before it ended. */
async function untilReady(server: ChildProcess): Promise<string | undefined> {
  let said = "";
  const ready = Promise.withResolvers<undefined>();
  server.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-10_000);
    if (said.includes("ready to accept connections")) ready.resolve(undefined);
  });
  return await Promise.race([ready.promise, once(server, "close").then(() => said)]);
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(server, "exit");
  server.kill(signal);
  await exited;
}

/** The command that runs a program of PostgreSQL as a user that may. */
async function asUser(program: string, args: string[]): Promise<[file: string, args: string[]]> {
  const versions = await readdir(INSTALLED).catch(() => []);
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  if (newest === undefined) throw new Error(`there is no PostgreSQL in ${INSTALLED}: install it`);
  const file = join(INSTALLED, String(newest), "bin", program);
  if (!isRoot) return [file, args];
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  return ["setpriv", [...user, "--", file, ...args]];
}
