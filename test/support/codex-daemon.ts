import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { CreateSessionRequest } from "../../src/schema/session.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { LiveSession } from "./live-session.ts";
import { expectNoProcesses, type LivingProcess, processesWith } from "./processes.ts";
import { realAgent } from "./real-agents.ts";
import { type ResponsesServer, startResponsesServer } from "./responses/server.ts";
import { type TemporaryHome, temporaryHome } from "./sandbox.ts";

/** The key with which Codex talks to a scripted model; it must be told nowhere. */
export const CODEX_KEY = "sk-codex-dummy";

/** The user's own configuration, which must stay as it is. */
export const CONFIG = `[model_providers.sandbox_agent]
request_max_retries = 2
stream_max_retries = 2
`;

/** In which surroundings a daemon with Codex is started. */
interface CodexDaemonOptions {
  env?: Record<string, string | undefined>;
  /** What the user has configured, given the address of the scripted model. */
  config?: string | ((modelUrl: string) => string);
  /** The user's `auth.json`. */
  login?: string;
  /** The folder of the user's configuration in the home. */
  folder?: string;
  installDir?: string;
}

/** A daemon that runs the real Codex, which talks to a scripted model. */
export class CodexDaemon implements AsyncDisposable {
  readonly home: TemporaryHome;
  readonly model: ResponsesServer;
  readonly daemon: Daemon;
  readonly #parts: AsyncDisposableStack;
  readonly #open = new Set<LiveSession>();
  #sessions = 0;

  private constructor(
    parts: AsyncDisposableStack,
    surroundings: { home: TemporaryHome; model: ResponsesServer; daemon: Daemon },
  ) {
    this.#parts = parts;
    this.home = surroundings.home;
    this.model = surroundings.model;
    this.daemon = surroundings.daemon;
  }

  /** Starts one; a variable that is undefined is not set. */
  static async start(options: CodexDaemonOptions = {}): Promise<CodexDaemon> {
    const installDir = options.installDir ?? (await realAgent("codex")).installDir;
    await using parts = new AsyncDisposableStack();
    const home = parts.use(await temporaryHome());
    const model = parts.use(await startResponsesServer());
    // What a user may say of the provider that we name: it is tried twice again, not five times.
    const { config = CONFIG, login, folder = ".codex" } = options;
    const own = join(home.dir, folder);
    await mkdir(own);
    const text = typeof config === "string" ? config : config(model.url);
    await writeFile(join(own, "config.toml"), text);
    if (login !== undefined) await writeFile(join(own, "auth.json"), login);
    const wanted = { OPENAI_API_KEY: CODEX_KEY, OPENAI_BASE_URL: model.url, ...options.env };
    const env = Object.entries(wanted).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const daemon = await startDaemon({
      home,
      args: ["--no-token", "--install-dir", installDir],
      env: {
        ...Object.fromEntries(env),
        ...(folder !== ".codex" && { CODEX_HOME: own }),
      },
    });
    parts.use(daemon);
    return new CodexDaemon(parts.move(), { home, model, daemon });
  }

  /** Opens a session in a directory of its own, works in it, and checks what must hold of every one. */
  async session(
    work: (session: LiveSession, directory: string) => Promise<void>,
    body: Partial<CreateSessionRequest> = {},
  ): Promise<void> {
    const id = `s${++this.#sessions}`;
    const directory = join(this.home.work, id);
    await mkdir(directory);
    const session = await LiveSession.open(this.daemon.url, id, {
      agent: "codex",
      model: "gpt-5.5",
      ...body,
      directory,
    });
    this.#open.add(session);
    await work(session, directory);
    await session.finish([CODEX_KEY], { kind: "method" });
    this.#open.delete(session);
  }

  /** The server that all sessions share, if it runs. */
  async servers(): Promise<LivingProcess[]> {
    const found = await processesWith(`HOME=${this.home.dir}`);
    return found.filter(({ command }) => command.includes("app-server"));
  }

  /** Kills that server, and waits until the daemon knows. */
  async killServer(): Promise<void> {
    const running = await this.servers();
    expect(running).toHaveLength(1);
    for (const { pid } of running) process.kill(pid, "SIGKILL");
    const status = async () => {
      const answer = await fetch(`${this.daemon.url}/v1/agents`);
      const { agents } = (await answer.json()) as {
        agents: { id: string; serverStatus?: { status: string } }[];
      };
      return agents.find(({ id }) => id === "codex")?.serverStatus?.status;
    };
    await expect.poll(status, { timeout: 5000 }).not.toBe("running");
  }

  /** Ends the daemon, which must leave nothing behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using _rest = this.#parts;
    for (const session of this.#open) await session.abandon();
    expect(await this.daemon.stop(), this.daemon.stderr()).toEqual({ code: 0, signal: null });
    await expectNoProcesses(this.home.dir);
    expect(this.daemon.stderr()).not.toContain(CODEX_KEY);
  }
}
