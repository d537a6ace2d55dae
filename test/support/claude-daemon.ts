import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { CreateSessionRequest } from "../../src/schema/session.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { LiveSession } from "./live-session.ts";
import { type ModelServer, startModelServer } from "./model-server.ts";
import { expectNoProcesses } from "./processes.ts";
import { realClaude } from "./real-claude.ts";
import { claudeEnv, type TemporaryHome, temporaryHome } from "./sandbox.ts";

/** A session that a test works in, and where its agent works. */
export interface ClaudeSessionOptions extends Partial<CreateSessionRequest> {
  /** Texts that no answer and no log may hold. */
  secrets?: readonly string[];
}

/** A daemon that runs the real Claude CLI, which talks to a scripted model. */
export class ClaudeDaemon implements AsyncDisposable {
  readonly home: TemporaryHome;
  readonly model: ModelServer;
  readonly daemon: Daemon;
  readonly #parts: AsyncDisposableStack;
  readonly #open = new Set<LiveSession>();
  readonly #secrets = new Set<string>();
  #sessions = 0;

  private constructor(
    parts: AsyncDisposableStack,
    surroundings: { home: TemporaryHome; model: ModelServer; daemon: Daemon },
  ) {
    this.#parts = parts;
    this.home = surroundings.home;
    this.model = surroundings.model;
    this.daemon = surroundings.daemon;
  }

  /** Starts one; `env` is added to the daemon's environment, an undefined member left out of it. */
  static async start(
    options: { env?: Record<string, string | undefined>; args?: string[] } = {},
  ): Promise<ClaudeDaemon> {
    const { installDir } = await realClaude();
    await using parts = new AsyncDisposableStack();
    const home = parts.use(await temporaryHome());
    const model = parts.use(await startModelServer());
    const env = Object.entries({ ...claudeEnv(model), ...options.env });
    const daemon = await startDaemon({
      home,
      args: options.args ?? ["--no-token", "--install-dir", installDir],
      env: Object.fromEntries(env.flatMap(([k, v]) => (v === undefined ? [] : [[k, v]]))),
    });
    parts.use(daemon);
    return new ClaudeDaemon(parts.move(), { home, model, daemon });
  }

  /** An empty directory. */
  async directory(name: string): Promise<string> {
    const path = join(this.home.work, name);
    await mkdir(path);
    return path;
  }

  /** Opens a session, works in it, and checks at its end what must hold of every session. */
  async session(
    work: (session: LiveSession, directory: string) => Promise<void>,
    { secrets = [], ...body }: ClaudeSessionOptions = {},
  ): Promise<void> {
    const id = `s${++this.#sessions}`;
    const directory = body.directory ?? (await this.directory(id));
    const session = await LiveSession.open(this.daemon.url, id, {
      agent: "claude",
      ...body,
      directory,
    });
    this.#open.add(session);
    for (const secret of secrets) this.#secrets.add(secret);
    await work(session, directory);
    await session.finish(secrets);
    this.#open.delete(session);
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
