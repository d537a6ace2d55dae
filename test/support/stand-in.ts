import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { CreateSessionRequest } from "../../src/schema/session.ts";
import { assertWellFormed } from "./conformance.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { LiveSession } from "./live-session.ts";
import { expectNoProcesses } from "./processes.ts";
import { type TemporaryHome, temporaryHome } from "./sandbox.ts";

const MISBEHAVES = fileURLToPath(new URL("../fixtures/bin/misbehaves.mjs", import.meta.url));
const VERSION = "2.1.330";

/** A session in which something goes wrong. */
export interface FaultOptions extends Partial<CreateSessionRequest> {
  /** What goes wrong before the first message: `<stage>/<deed>`. */
  fault?: string;
  /** The stand-in prints what is not of its protocol. */
  garbled?: boolean;
}

/** A daemon whose Claude Code is a stand-in that misbehaves when it is told to. */
export class StandInDaemon implements AsyncDisposable {
  readonly daemon: Daemon;
  /** The stand-in's executable. */
  readonly path: string;
  readonly #home: TemporaryHome;
  readonly #parts: AsyncDisposableStack;
  readonly #open = new Set<LiveSession>();
  /** A session in which nothing goes wrong. */
  #neighbour: LiveSession | undefined;
  #serving: Promise<void> = Promise.resolve();
  #sessions = 0;

  private constructor(parts: AsyncDisposableStack, home: TemporaryHome, daemon: Daemon) {
    this.#parts = parts;
    this.#home = home;
    this.daemon = daemon;
    this.path = pathIn(home);
  }

  /** Starts one, and a session of it in which all goes well. */
  static async start({ args = [] }: { args?: string[] } = {}): Promise<StandInDaemon> {
    await using parts = new AsyncDisposableStack();
    const home = parts.use(await temporaryHome());
    await symlinkVersion(home);
    await writeStandIn(pathIn(home));
    const install = ["--no-token", "--offline", "--install-dir", join(home.dir, "agents")];
    const daemon = parts.use(await startDaemon({ home, args: [...install, ...args] }));
    const started = new StandInDaemon(parts.move(), home, daemon);
    started.#neighbour = await started.#openSession("neighbour", {});
    await started.expectServing();
    return started;
  }

  /** Opens a session, works in it, and checks what must hold of every session however it went. */
  async session(
    work: (session: LiveSession) => Promise<void>,
    { fault, garbled = false, env, ...body }: FaultOptions = {},
  ): Promise<void> {
    const variables = { ...env, ...(fault !== undefined && { MISBEHAVES: fault }) };
    const session = await this.#openSession(`s${++this.#sessions}`, { ...body, env: variables });
    await work(session);
    await session.finish([], { garbled });
    this.#open.delete(session);
  }

  /** Another session of the daemon works. */
  expectServing(): Promise<void> {
    const neighbour = this.#neighbour;
    if (neighbour) this.#serving = this.#serving.then(() => expectUsable(neighbour));
    return this.#serving;
  }

  /** Puts the stand-in in its place again after a test has spoiled it. */
  async repair(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await writeStandIn(this.path);
  }

  /** The most memory that the daemon has ever used, in bytes. */
  async peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${this.daemon.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  /** Ends the daemon, which must have nothing to complain of and leave nothing behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using _rest = this.#parts;
    for (const session of this.#open) await session.abandon();
    await this.#neighbour?.abandon();
    assertWellFormed(this.#neighbour?.events ?? []);
    expect(await this.daemon.stop(), this.daemon.stderr()).toEqual({ code: 0, signal: null });
    await expectNoProcesses(this.#home.dir);
  }

  async #openSession(id: string, body: Partial<CreateSessionRequest>): Promise<LiveSession> {
    const directory = join(this.#home.work, id);
    await mkdir(directory);
    const { url } = this.daemon;
    const session = await LiveSession.open(url, id, { agent: "claude", ...body, directory });
    if (id !== "neighbour") this.#open.add(session);
    return session;
  }
}

/** The session answers as if nothing had happened. */
export async function expectUsable(session: LiveSession): Promise<void> {
  const before = session.said().length;
  expect(await session.run("hello")).toMatchObject({ status: "completed" });
  expect(session.said().slice(before)).toEqual(["Hello there."]);
}

function pathIn(home: TemporaryHome): string {
  return join(home.dir, "agents/claude", VERSION, "claude");
}

async function symlinkVersion(home: TemporaryHome): Promise<void> {
  await mkdir(join(home.dir, "agents/claude", VERSION), { recursive: true });
  await symlink(VERSION, join(home.dir, "agents/claude/current"));
}

/** Makes an executable that is the stand-in. */
export async function writeStandIn(path: string): Promise<void> {
  const script = `#!/bin/sh\nexec '${process.execPath}' '${MISBEHAVES}' "$@"\n`;
  await writeFile(path, script, { mode: 0o755 });
}
