import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { CreateSessionRequest } from "../../src/schema/session.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { LiveSession } from "./live-session.ts";
import { type ModelServer, startModelServer } from "./model-server.ts";
import { OPENCODE_KEY, opencodeEnv } from "./opencode/config.ts";
import { opencodeScenarios } from "./opencode/scenarios.ts";
import { expectNoProcesses, type LivingProcess, processesWith } from "./processes.ts";
import { realAgent } from "./real-agents.ts";
import { type TemporaryHome, temporaryHome } from "./sandbox.ts";

/** What is special of a daemon. */
export interface OpencodeDaemonOptions {
  /** Without, OpenCode is given none. */
  provider?: boolean;
  /** More arguments of the daemon. */
  args?: string[];
  /** The user's own `opencode.json`. */
  config?: object;
  /** The server stands behind a proxy, so that its stream can be cut. */
  cuttable?: boolean;
}

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

  static async start(options: OpencodeDaemonOptions = {}): Promise<OpencodeDaemon> {
    const { provider = true, args = [], config, cuttable = false } = options;
    const { installDir, path } = await realAgent("opencode");
    await using parts = new AsyncDisposableStack();
    const home = parts.use(await temporaryHome());
    const model = parts.use(await startModelServer({ scripts: opencodeScenarios }));
    if (config) await writeConfig(home, config);
    const where = cuttable ? ["--offline"] : ["--install-dir", installDir];
    const folder = cuttable ? [await folderWithProxy(home, path)] : [];
    const daemon = await startDaemon({
      home,
      args: ["--no-token", ...where, ...args],
      env: {
        ...opencodeEnv(provider ? model.url : undefined),
        PATH: [...folder, home.env["PATH"]].join(":"),
      },
    });
    parts.use(daemon);
    return new OpencodeDaemon(parts.move(), { home, model, daemon });
  }

  /** The processes of `opencode serve`. */
  async servers(): Promise<LivingProcess[]> {
    const found = await processesWith(`HOME=${this.home.dir}`);
    return found.filter(({ command }) => command.includes(" serve "));
  }

  /** Asks the server itself, beside the daemon. */
  async ask(path: string, directory: string): Promise<unknown> {
    const [server] = await this.servers();
    const environment = await readFile(`/proc/${server?.pid}/environ`, "utf8");
    const password = /OPENCODE_SERVER_PASSWORD=([^\0]+)/.exec(environment)?.[1];
    const port = /--port (\d+)/.exec(server?.command ?? "")?.[1];
    const credentials = Buffer.from(`opencode:${password}`).toString("base64");
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { authorization: `Basic ${credentials}`, "x-opencode-directory": directory },
    });
    return await answer.json();
  }

  /** Cuts the stream of events and refuses new ones, or lets them pass again. */
  async stream(state: "cut" | "open"): Promise<void> {
    const found = await processesWith(`HOME=${this.home.dir}`);
    const proxy = found.find(({ command }) => command.includes("opencode-behind-proxy"));
    process.kill(proxy?.pid ?? 0, state === "cut" ? "SIGUSR2" : "SIGHUP");
  }

  /** Opens a session in a directory of its own, works in it, and checks what must hold of every one. */
  async session(
    work: (session: LiveSession, directory: string) => Promise<void>,
    body: Partial<CreateSessionRequest> = {},
  ): Promise<void> {
    const id = `s${++this.#sessions}`;
    const directory = join(this.home.work, id);
    await mkdir(directory, { recursive: true });
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

async function writeConfig(home: TemporaryHome, config: object): Promise<void> {
  const folder = join(home.dir, ".config/opencode");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "opencode.json"), JSON.stringify(config));
}

/** A folder for PATH in which `opencode` stands behind a proxy. */
async function folderWithProxy(home: TemporaryHome, path: string): Promise<string> {
  const proxy = join(import.meta.dirname, "../fixtures/bin/opencode-behind-proxy.mjs");
  const folder = join(home.dir, "bin");
  await mkdir(folder);
  const script = `#!/bin/sh\nexec "${process.execPath}" "${proxy}" "${path}" "$@"\n`;
  await writeFile(join(folder, "opencode"), script, { mode: 0o755 });
  return folder;
}
