import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenOptions } from "../agent.ts";
import {
  type Connection,
  type ServerGone,
  type ServerListener,
  SharedServer,
} from "../shared-server.ts";
import { EventReader, type ServerEvent } from "./events.ts";
import { OpencodeHttp } from "./http.ts";

/** The command, as messages name it. */
const SERVER_NAME = "opencode serve";
/** It listens after 1.5 s on a small machine, in a new home later (1.18.33). */
const START_MS = 60_000;
/** A stream that has broken off is opened again after so long. */
const RECONNECT_MS = 200;

/** A session of ours, as the server sees it. */
export interface SessionListener extends ServerListener {
  heard(event: ServerEvent): void;
  /** The stream of events has broken off and is back: some may be missing. */
  resumed(): void;
}

/** What a server is started with. */
export interface OpencodeServerOptions extends Pick<OpenOptions, "startChild" | "idleMs"> {
  executable: string;
  env: Record<string, string>;
  directory: string;
}

/** One `opencode serve` for all sessions of an executable. */
export class OpencodeServer implements AsyncDisposable {
  readonly #options: OpencodeServerOptions;
  readonly #server: SharedServer<{ http: OpencodeHttp }, SessionListener>;

  constructor(options: OpencodeServerOptions) {
    this.#options = options;
    this.#server = new SharedServer({
      name: SERVER_NAME,
      idleMs: options.idleMs,
      leaveMs: 0,
      start: async () => this.#start(await freePort()),
    });
  }

  get status() {
    return this.#server.status;
  }

  get current(): Connection<{ http: OpencodeHttp }> | undefined {
    return this.#server.current;
  }

  use(): Disposable {
    return this.#server.use();
  }

  async connect(): Promise<Connection<{ http: OpencodeHttp }>> {
    return await this.#server.connect();
  }

  /** Hears what the server says of a session, until the function returned is called. */
  attach(sessionId: string, listener: SessionListener): () => void {
    return this.#server.attach(sessionId, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #start(port: number) {
    const { executable, env, directory, startChild } = this.#options;
    const password = randomBytes(24).toString("base64url");
    const listening = Promise.withResolvers<string>();
    const closing = new AbortController();
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
    return {
      child,
      ready: listening.promise.then((url) => this.#open(url, password, closing.signal)),
      close: (cause: ServerGone) => {
        listening.reject(cause);
        closing.abort(cause);
      },
    };
  }

  /** Connects, and resolves when events can be heard. */
  async #open(url: string, password: string, closed: AbortSignal): Promise<{ http: OpencodeHttp }> {
    const http = await OpencodeHttp.open(url, password, closed);
    const open = Promise.withResolvers<void>();
    closed.addEventListener("abort", () => open.reject(closed.reason));
    // Ends with the server; whatever goes wrong with it is tried again.
    void this.#listen(http, closed, open.resolve);
    await open.promise;
    return { http };
  }

  /** Reads the events for as long as the server is there. */
  async #listen(http: OpencodeHttp, closed: AbortSignal, opened: () => void): Promise<void> {
    for (let first = true; !closed.aborted; first = false) {
      const reader = new EventReader();
      try {
        for await (const chunk of http.events()) {
          opened();
          if (!first && reader.isNew) for (const one of this.#server.listeners) one.resumed();
          for (const event of reader.push(chunk)) {
            this.#server.listener(event.sessionId)?.heard(event);
          }
        }
      } catch {
        // The server has gone, which its exit tells, or the stream has broken off.
      }
      await sleep(RECONNECT_MS, undefined, { ref: false });
    }
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
