import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import type { CreateSessionRequest } from "../../src/schema/session.ts";
import { type AmpServer, startAmpServer } from "./amp/server.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { LiveSession } from "./live-session.ts";
import { expectNoProcesses } from "./processes.ts";
import { realAgent } from "./real-agents.ts";
import { type TemporaryHome, temporaryHome } from "./sandbox.ts";

/** The key with which Amp talks to a scripted server; it must be told nowhere. */
export const AMP_KEY = "sgamp_user_dummy";

/** How a daemon for Amp is started. */
export interface AmpDaemonOptions {
  /** More variables of the daemon; an undefined one is left out. */
  env?: Record<string, string | undefined>;
  args?: string[];
  /** What the user has configured: the text of their settings. */
  settings?: string;
  /** A folder on PATH whose `amp` is used instead of the installed one. */
  path?: string;
}

/** A daemon that runs the real Amp, which talks to a scripted server. */
export class AmpDaemon implements AsyncDisposable {
  readonly home: TemporaryHome;
  readonly model: AmpServer;
  readonly daemon: Daemon;
  readonly #parts: AsyncDisposableStack;
  readonly #open = new Set<LiveSession>();
  #sessions = 0;

  private constructor(
    parts: AsyncDisposableStack,
    surroundings: { home: TemporaryHome; model: AmpServer; daemon: Daemon },
  ) {
    this.#parts = parts;
    this.home = surroundings.home;
    this.model = surroundings.model;
    this.daemon = surroundings.daemon;
  }

  static async start(options: AmpDaemonOptions = {}): Promise<AmpDaemon> {
    const { path, args = [], settings } = options;
    await using parts = new AsyncDisposableStack();
    const home = parts.use(await temporaryHome());
    const model = parts.use(await startAmpServer());
    if (settings !== undefined) {
      const file = settingsFile(home);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, settings);
    }
    const where =
      path === undefined
        ? ["--install-dir", (await realAgent("amp")).installDir]
        : ["--offline", "--install-dir", join(home.dir, "agents")];
    const env = {
      AMP_API_KEY: AMP_KEY,
      AMP_URL: model.url,
      ...(path !== undefined && { PATH: `${path}:${home.env["PATH"]}` }),
      ...options.env,
    };
    const daemon = await startDaemon({
      home,
      args: ["--no-token", ...where, ...args],
      env: Object.fromEntries(
        Object.entries(env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])),
      ),
    });
    parts.use(daemon);
    return new AmpDaemon(parts.move(), { home, model, daemon });
  }

  /** Opens a session in a directory of its own, works in it, and checks what must hold of every one. */
  async session(
    work: (session: LiveSession, directory: string) => Promise<void>,
    body: Partial<CreateSessionRequest> = {},
  ): Promise<void> {
    const id = `s${++this.#sessions}`;
    const directory = body.directory ?? join(this.home.work, id);
    await mkdir(directory, { recursive: true });
    const session = await LiveSession.open(this.daemon.url, id, {
      agent: "amp",
      ...body,
      directory,
    });
    this.#open.add(session);
    await work(session, directory);
    await session.finish([AMP_KEY]);
    this.#open.delete(session);
  }

  /** Ends the daemon, which must leave nothing behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using _rest = this.#parts;
    for (const session of this.#open) await session.abandon();
    expect(await this.daemon.stop(), this.daemon.stderr()).toEqual({ code: 0, signal: null });
    await expectNoProcesses(this.home.dir);
    expect(this.daemon.stderr()).not.toContain(AMP_KEY);
  }
}

/** Where the user's own settings are. */
export function settingsFile(home: TemporaryHome): string {
  return join(home.dir, ".config/amp/settings.json");
}
