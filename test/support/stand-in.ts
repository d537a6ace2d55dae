import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, vi } from "vitest";
import type { CreateSessionRequest } from "../../src/schema/session.ts";
import { assertWellFormed } from "./conformance.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { LiveSession } from "./live-session.ts";
import { expectNoProcesses, writtenBytes } from "./processes.ts";
import { onBun } from "./program.ts";
import { type TemporaryHome, temporaryHome } from "./sandbox.ts";
import { STAND_INS, StandInExecutable, type StandInId } from "./stand-ins.ts";

const MiB = 2 ** 20;
const HANG_MS = 60_000;
/** How much a process that writes without end has written when the daemon's memory is looked at. */
const FLOOD = 1024 * MiB;
/** What that may cost. On Bun 102 MiB were measured, and 119 of a flood of 16 GiB. */
const floodMemory = (onBun ? 192 : 32) * MiB;

/** A session in which something goes wrong. */
export interface FaultOptions extends Partial<CreateSessionRequest> {
  /** What goes wrong before the first message: `<stage>/<deed>`. */
  fault?: string;
  /** The stand-in prints what is not of its protocol. */
  garbled?: boolean;
}

/** What a daemon with a stand-in is started with. */
export interface StandInOptions {
  agent?: StandInId;
  args?: string[];
  /** Without the session in which all goes well, which `expectServing` needs. */
  alone?: boolean;
}

/** A daemon with an agent that is a stand-in and misbehaves when it is told to. */
export class StandInDaemon implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly agent: StandInId;
  readonly #home: TemporaryHome;
  readonly #parts: AsyncDisposableStack;
  readonly #open = new Set<LiveSession>();
  /** A session of Claude Code in which nothing goes wrong. */
  #neighbour: LiveSession | undefined;
  #serving: Promise<void> = Promise.resolve();
  #sessions = 0;
  #executables = 0;

  private constructor(
    parts: AsyncDisposableStack,
    surroundings: { home: TemporaryHome; daemon: Daemon; agent: StandInId },
  ) {
    this.#parts = parts;
    this.#home = surroundings.home;
    this.daemon = surroundings.daemon;
    this.agent = surroundings.agent;
  }

  /** Starts one and, unless it is to be `alone`, a session of it in which all goes well. */
  static async start(options: StandInOptions = {}): Promise<StandInDaemon> {
    const { agent = "claude", args = [], alone = false } = options;
    await using parts = new AsyncDisposableStack();
    const home = parts.use(await temporaryHome());
    const install = ["--no-token", "--offline", "--install-dir", join(home.dir, "agents")];
    const daemon = parts.use(await startDaemon({ home, args: [...install, ...args] }));
    const started = new StandInDaemon(parts.move(), { home, daemon, agent });
    if (alone) return started;
    const whole = await started.standIn(undefined, "claude");
    await whole.becomeCurrent();
    started.#neighbour = await started.#openSession("neighbour", whole);
    await started.expectServing();
    return started;
  }

  /**
   * Opens a session, works in it, and checks what must hold of every session however it went. A
   * server that sessions share has been killed before where something goes wrong as it starts.
   */
  async session(
    work: (session: LiveSession, executable: StandInExecutable) => Promise<void>,
    { fault, garbled = false, ...body }: FaultOptions = {},
  ): Promise<void> {
    const { shared, kind } = STAND_INS[this.agent];
    const executable = await this.standIn(shared ? undefined : fault);
    const session = await this.open(executable, body);
    if (shared && fault !== undefined) {
      await executable.write(fault);
      await killProcesses(session);
    }
    await work(session, executable);
    await session.finish([], { garbled, kind, shared });
    this.#open.delete(session);
  }

  /** An executable that no session has yet; `fault` is what goes wrong before the first message. */
  async standIn(fault?: string, agent: StandInId = this.agent): Promise<StandInExecutable> {
    const version = `0.0.${++this.#executables}`;
    const executable = new StandInExecutable(join(this.#home.dir, "agents"), agent, version);
    await executable.write(fault);
    return executable;
  }

  /** Opens a session of this executable; a test that does not `finish` it has it abandoned. */
  async open(
    executable: StandInExecutable,
    body: Partial<CreateSessionRequest> = {},
  ): Promise<LiveSession> {
    const session = await this.#openSession(`s${++this.#sessions}`, executable, body);
    this.#open.add(session);
    return session;
  }

  /** Another session of the daemon works. */
  expectServing(): Promise<void> {
    const neighbour = this.#neighbour;
    if (!neighbour) throw new Error("no other session was started");
    this.#serving = this.#serving.then(() => expectUsable(neighbour));
    return this.#serving;
  }

  /** The most memory that the daemon has ever used, in bytes. */
  async peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${this.daemon.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  /** What a process of the session writes without end costs no memory; `before`: the peak until then. */
  async expectFloodSpares(session: LiveSession, before: number): Promise<void> {
    const written = async (): Promise<number> => {
      const bytes = await Promise.all((await session.processes()).map(writtenBytes));
      return Math.max(...bytes);
    };
    const flooded = async () => expect(await written()).toBeGreaterThan(FLOOD);
    await vi.waitFor(flooded, { timeout: HANG_MS });
    expect((await this.peakMemory()) - before).toBeLessThan(floodMemory);
  }

  /** Ends the daemon, which must have nothing to complain of and leave nothing behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using _rest = this.#parts;
    for (const session of this.#open) await session.abandon();
    if (this.#neighbour) {
      await this.#neighbour.abandon();
      assertWellFormed(this.#neighbour.events);
    }
    expect(await this.daemon.stop(), this.daemon.stderr()).toEqual({ code: 0, signal: null });
    await expectNoProcesses(this.#home.dir);
  }

  async #openSession(
    id: string,
    { agent, version, mark }: StandInExecutable,
    body: Partial<CreateSessionRequest> = {},
  ): Promise<LiveSession> {
    const directory = join(this.#home.work, id);
    await mkdir(directory);
    const { url } = this.daemon;
    const request = { agent, agentVersion: version, ...body, directory };
    const options = STAND_INS[agent].shared ? { mark } : {};
    return await LiveSession.open(url, id, request, options);
  }
}

/** The session answers as if nothing had happened. */
export async function expectUsable(session: LiveSession): Promise<void> {
  const before = session.said().length;
  expect(await session.run("hello")).toMatchObject({ status: "completed" });
  expect(session.said().slice(before)).toEqual(["Hello there."]);
}

/** Kills the processes of a session, and waits until the daemon knows of it. */
export async function killProcesses(session: LiveSession): Promise<void> {
  const pids = (await session.processes()).map(({ pid }) => pid);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  // Until then they are zombies.
  const gone = () => pids.every((pid) => !existsSync(`/proc/${pid}`));
  await vi.waitUntil(gone, { timeout: HANG_MS });
}

/** Waits until the stand-in has come to what it does wrong before the first message. */
export async function untilArrived({ arrived }: StandInExecutable): Promise<void> {
  await vi.waitUntil(() => existsSync(arrived), { timeout: HANG_MS });
}
