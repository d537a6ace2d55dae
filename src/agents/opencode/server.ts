import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenOptions } from "../agent.ts";
import type { Child, Exit } from "../../io/child.ts";
import type { ServerStatusInfo } from "../../schema/agent.ts";
import type { StderrOutput } from "../../schema/event.ts";
import { exitMessage, Restarts } from "../restarts.ts";
import { EventReader, type ServerEvent } from "./events.ts";
import { OpencodeHttp } from "./http.ts";

/** The command, as messages name it. */
export const SERVER_NAME = "opencode serve";
/** It listens after 1.5 s on a small machine, in a new home later (1.18.33). */
const START_MS = 60_000;
/** A stream that has broken off is opened again after so long. */
const RECONNECT_MS = 200;

/** The server has ended while it was asked something. */
export class ServerGone extends Error {
  override readonly name = "ServerGone";
}

/** A session of ours, as the server sees it. */
export interface SessionListener {
  heard(event: ServerEvent): void;
  /** The stream of events has broken off and is back: some may be missing. */
  resumed(): void;
  /** The server has gone, and with it the running turn. */
  gone(exit: Exit, stderr: StderrOutput): void;
}

/** A running server; `generation` tells one from the next. */
export interface Connection {
  http: OpencodeHttp;
  generation: number;
}

interface Running extends Connection {
  child: Child;
  ready: Promise<OpencodeHttp>;
  startedAt: number;
}

/** What a server is started with. */
export interface OpencodeServerOptions extends Pick<OpenOptions, "startChild"> {
  executable: string;
  env: Record<string, string>;
  directory: string;
}

/** One `opencode serve` for all sessions of an executable: started when needed, and again after it has died. */
export class OpencodeServer implements AsyncDisposable {
  readonly #options: OpencodeServerOptions;
  readonly #listeners = new Map<string, SessionListener>();
  readonly #restarts = new Restarts(SERVER_NAME);
  #running: Omit<Running, "http"> | undefined;
  #http: OpencodeHttp | undefined;
  #disposed = false;
  /** Resolves when the last process has gone and everybody has been told. */
  #gone: Promise<void> = Promise.resolve();

  constructor(options: OpencodeServerOptions) {
    this.#options = options;
  }

  get status(): ServerStatusInfo {
    const running = this.#running;
    const { lastError, count } = this.#restarts;
    return {
      status: running ? "running" : lastError === undefined ? "stopped" : "error",
      ...(running && { uptimeMs: Date.now() - running.startedAt }),
      restartCount: count,
      ...(lastError !== undefined && { lastError }),
    };
  }

  /** The server that is there. */
  get current(): Connection | undefined {
    const http = this.#http;
    return this.#running && http && { http, generation: this.#running.generation };
  }

  /** The server that is there, or a new one; rejects where none can be started. */
  async connect(): Promise<Connection> {
    if (!this.#running) {
      await this.#gone;
      await this.#restarts.allowed();
    }
    const port = this.#running ? 0 : await freePort();
    const running = (this.#running ??= this.#start(port));
    return { http: await running.ready, generation: running.generation };
  }

  /** Hears what the server says of a session, until the function returned is called. */
  attach(sessionId: string, listener: SessionListener): () => void {
    this.#listeners.set(sessionId, listener);
    return () => {
      if (this.#listeners.get(sessionId) === listener) this.#listeners.delete(sessionId);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#running?.child.end({ graceMs: 0 });
    await this.#gone;
  }

  #start(port: number): Omit<Running, "http"> {
    if (this.#disposed) throw new Error("the daemon is shutting down");
    const { executable, env, directory, startChild } = this.#options;
    const password = randomBytes(24).toString("base64url");
    const listening = Promise.withResolvers<string>();
    const child = startChild({
      file: executable,
      args: ["serve", "--hostname", "127.0.0.1", "--port", String(port)],
      cwd: directory,
      env: { ...env, OPENCODE_SERVER_PASSWORD: password },
      stdin: "ignore",
      onLines: (lines) => {
        for (const line of lines) {
          const text = typeof line === "string" ? line : "";
          const url = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1];
          if (url !== undefined) listening.resolve(url);
        }
      },
    });
    const late = AbortSignal.timeout(START_MS);
    late.addEventListener("abort", () =>
      listening.reject(new Error("opencode serve did not listen")),
    );
    const ready = listening.promise.then((url) => this.#open(url, password));
    // Awaited by who needs it; its failure is told by the exit too.
    ready.catch(() => child.end({ graceMs: 0 }));
    const generation = this.#restarts.started();
    const running = { child, ready, generation, startedAt: Date.now() };
    this.#gone = this.#attend(running, listening.reject);
    return running;
  }

  /** Connects, and resolves when events can be heard. */
  async #open(url: string, password: string): Promise<OpencodeHttp> {
    const http = await OpencodeHttp.open(url, password);
    this.#http = http;
    const open = Promise.withResolvers<void>();
    void this.#listen(await OpencodeHttp.open(url, password), http, open.resolve);
    await open.promise;
    return http;
  }

  /** Reads the events for as long as this server is the one that is there. */
  async #listen(stream: OpencodeHttp, http: OpencodeHttp, opened: () => void): Promise<void> {
    await using _stream = stream;
    for (let first = true; this.#http === http; first = false) {
      const reader = new EventReader();
      try {
        for await (const chunk of stream.events(new AbortController().signal)) {
          opened();
          if (!first && reader.isNew) for (const one of this.#listeners.values()) one.resumed();
          for (const event of reader.push(chunk)) {
            this.#listeners.get(event.sessionId)?.heard(event);
          }
        }
      } catch {
        // The server has gone, which its exit tells, or the stream has broken off.
      }
      await sleep(RECONNECT_MS, undefined, { ref: false });
    }
  }

  async #attend(running: Omit<Running, "http">, fail: (cause: Error) => void): Promise<void> {
    const { child } = running;
    const exit = await child.exited;
    const stderr = child.stderr.toJSON();
    fail(new ServerGone(exitMessage(SERVER_NAME, exit, stderr)));
    // Commands that it has started outlive it (1.18.33).
    await child.end({ graceMs: 0 });
    if (this.#running === running) this.#running = undefined;
    const http = this.#http;
    this.#http = undefined;
    await http?.[Symbol.asyncDispose]();
    if (!this.#disposed) this.#restarts.died(exitMessage(SERVER_NAME, exit, stderr));
    for (const listener of this.#listeners.values()) listener.gone(exit, stderr);
  }
}

/** A port that nobody listens on: asked for port 0 the server takes 4096 if it can (1.18.33). */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
