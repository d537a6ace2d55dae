import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { CreateSessionRequest } from "../../src/schema/session.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { LiveSession } from "./live-session.ts";
import { type ModelServer, startModelServer } from "./model-server.ts";
import { OPENCODE_KEY, opencodeEnv } from "./opencode/config.ts";
import { opencodeScenarios } from "./opencode/scenarios.ts";
import { expectNoProcesses } from "./processes.ts";
import { realAgent } from "./real-agents.ts";
import { type TemporaryHome, temporaryHome } from "./sandbox.ts";

/** A daemon that runs the real OpenCode, which talks to a scripted model. */
export class OpencodeDaemon implements AsyncDisposable {
  readonly home: TemporaryHome;
  readonly model: ModelServer;
  readonly daemon: Daemon;
  readonly #parts: AsyncDisposableStack;
  readonly #open = new Set<LiveSession>();
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

  /** Starts one; without `provider` OpenCode is given none, `args` are more of the daemon's. */
  static async start({
    provider = true,
    args = [],
  }: { provider?: boolean; args?: string[] } = {}): Promise<OpencodeDaemon> {
    const { installDir } = await realAgent("opencode");
    await using parts = new AsyncDisposableStack();
    const home = parts.use(await temporaryHome());
    const model = parts.use(await startModelServer({ scripts: opencodeScenarios }));
    const daemon = await startDaemon({
      home,
      args: ["--no-token", "--install-dir", installDir, ...args],
      env: opencodeEnv(provider ? model.url : undefined),
    });
    parts.use(daemon);
    return new OpencodeDaemon(parts.move(), { home, model, daemon });
  }

  /** Opens a session in a directory of its own, works in it, and checks what must hold of every one. */
  async session(
    work: (session: LiveSession, directory: string) => Promise<void>,
    body: Partial<CreateSessionRequest> = {},
  ): Promise<void> {
    const id = `s${++this.#sessions}`;
    const directory = join(this.home.work, id);
    await mkdir(directory);
    const asked = { agent: "opencode", ...body, directory };
    const session = await LiveSession.open(this.daemon.url, id, asked, { mark: false });
    this.#open.add(session);
    await work(session, directory);
    await session.finish([OPENCODE_KEY]);
    this.#open.delete(session);
  }

  /** Ends the daemon, which must leave nothing behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using _rest = this.#parts;
    for (const session of this.#open) await session.abandon();
    expect(await this.daemon.stop(), this.daemon.stderr()).toEqual({ code: 0, signal: null });
    await expectNoProcesses(this.home.dir);
    expect(this.daemon.stderr()).not.toContain(OPENCODE_KEY);
  }
}
