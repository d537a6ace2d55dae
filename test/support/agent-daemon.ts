import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { CreateSessionRequest } from "../../src/schema/session.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { LiveSession } from "./live-session.ts";
import { expectNoProcesses, type LivingProcess, processesWith } from "./processes.ts";
import { realAgent, type RealAgentId } from "./real-agents.ts";
import { type TemporaryHome, temporaryHome } from "./sandbox.ts";

/** What a real agent needs to run here; `M` is the scripted model that it talks to. */
export interface RealAgent<M extends AsyncDisposable> {
  id: RealAgentId | "mock";
  startModel(): Promise<M>;
  /** The variables with which it talks to that model, and to nobody else. */
  env(model: M, home: TemporaryHome): Record<string, string>;
  /** Puts what its user has configured into a home. */
  prepare?(home: TemporaryHome, model: M): Promise<void>;
  /** Texts that no answer, no event and no log may hold. */
  secrets: readonly string[];
  /** The member that each of its own messages has; undefined: `type`, null: it has no messages. */
  kind?: "type" | "method" | null;
  /** False where its sessions cannot have variables of their own. */
  mark?: false;
  /** What its sessions are created with. */
  body?: Partial<CreateSessionRequest>;
  /** A part of the command line of its own process, and of no other. */
  process: string;
}

/** What differs from the usual in one daemon. */
export interface AgentDaemonOptions {
  /** Added to the daemon's environment; an undefined member is left out of it. */
  env?: Record<string, string | undefined>;
  /** Arguments besides those that every daemon here gets. */
  args?: readonly string[];
  /** Where the agent is installed, if it is not the folder that all tests share. */
  installDir?: string;
}

/** Work in a session and its directory. */
export type SessionWork = (session: LiveSession, directory: string) => Promise<void>;

/** The body that creates a session, with texts that no answer and no log may hold. */
export type SessionBody = Partial<CreateSessionRequest> & { secrets?: readonly string[] };

/** A session in its directory, and its end with the checks of every session. */
export interface OpenSession {
  readonly session: LiveSession;
  readonly directory: string;
  readonly finish: () => Promise<void>;
}

/** A folder in which no agent is installed. */
export const NOT_INSTALLED = join(tmpdir(), "sandbox-agent-no-agents");

/** Where an agent is installed. */
async function folderOf(id: RealAgentId | "mock"): Promise<string> {
  return id === "mock" ? NOT_INSTALLED : (await realAgent(id)).installDir;
}

interface Surroundings<M extends AsyncDisposable> {
  home: TemporaryHome;
  model: M;
  daemon: Daemon;
}

/** A daemon that runs a real agent, which talks to a scripted model. */
export class AgentDaemon<M extends AsyncDisposable> implements AsyncDisposable {
  readonly home: TemporaryHome;
  readonly model: M;
  readonly daemon: Daemon;
  readonly #agent: RealAgent<M>;
  readonly #parts: AsyncDisposableStack;
  readonly #open = new Set<LiveSession>();
  readonly #secrets: Set<string>;
  #sessions = 0;

  protected constructor(
    agent: RealAgent<M>,
    parts: AsyncDisposableStack,
    { home, model, daemon }: Surroundings<M>,
  ) {
    this.#agent = agent;
    this.#parts = parts;
    this.#secrets = new Set(agent.secrets);
    this.home = home;
    this.model = model;
    this.daemon = daemon;
  }

  static async start<M extends AsyncDisposable>(
    agent: RealAgent<M>,
    options: AgentDaemonOptions = {},
  ): Promise<AgentDaemon<M>> {
    const installDir = options.installDir ?? (await folderOf(agent.id));
    const offline = installDir === NOT_INSTALLED ? ["--offline"] : [];
    await using parts = new AsyncDisposableStack();
    const home = parts.use(await temporaryHome());
    const model = parts.use(await agent.startModel());
    await agent.prepare?.(home, model);
    const env = Object.entries({ ...agent.env(model, home), ...options.env });
    const daemon = await startDaemon({
      home,
      args: ["--no-token", "--install-dir", installDir, ...offline, ...(options.args ?? [])],
      env: Object.fromEntries(env.flatMap(([k, v]) => (v === undefined ? [] : [[k, v]]))),
    });
    parts.use(daemon);
    return new AgentDaemon(agent, parts.move(), { home, model, daemon });
  }

  /** An empty directory. */
  async directory(name: string): Promise<string> {
    const path = join(this.home.work, name);
    await mkdir(path);
    return path;
  }

  /** Opens a session, works in it, and finishes it. */
  async session(work: SessionWork, body: SessionBody = {}): Promise<void> {
    const { session, directory, finish } = await this.open(body);
    await work(session, directory);
    await finish();
  }

  /** Opens a session in a directory of its own. */
  async open({ secrets = [], ...body }: SessionBody = {}): Promise<OpenSession> {
    const id = `s${++this.#sessions}`;
    const directory = body.directory ?? (await this.directory(id));
    const { id: agent, body: usual, mark, kind = "type" } = this.#agent;
    const asked = { agent, ...usual, ...body, directory };
    const session = await LiveSession.open(this.daemon.url, id, asked, { mark: mark ?? true });
    this.#open.add(session);
    for (const secret of secrets) this.#secrets.add(secret);
    const finish = async () => {
      await session.finish([...this.#agent.secrets, ...secrets], { kind });
      this.#open.delete(session);
    };
    return { session, directory, finish };
  }

  /**
   * The processes of the agent itself. A child of such a process has the command line of its parent
   * until it executes its own program, and is left out.
   */
  async agentProcesses(): Promise<LivingProcess[]> {
    const found = await this.processes(this.#agent.process);
    const commands = new Map(found.map(({ pid, command }) => [pid, command]));
    return found.filter(({ parentPid, command }) => commands.get(parentPid) !== command);
  }

  /** The processes of this daemon's home whose command line holds a word. */
  async processes(word: string): Promise<LivingProcess[]> {
    const found = await processesWith(`HOME=${this.home.dir}`);
    return found.filter(({ pid, command }) => pid !== this.daemon.pid && command.includes(word));
  }

  /** Ends the daemon, which must leave nothing behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using _rest = this.#parts;
    for (const session of this.#open) await session.abandon();
    expect(await this.daemon.stop(), this.daemon.stderr()).toEqual({ code: 0, signal: null });
    await expectNoProcesses(this.home.dir);
    for (const secret of this.#secrets) expect(this.daemon.stderr()).not.toContain(secret);
  }
}
