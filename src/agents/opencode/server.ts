import { randomBytes } from "node:crypto";
import { parse } from "node:path";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import type { LeftBehind } from "../../io/left-behind.ts";
import { within } from "../../io/within.ts";
import type { Child } from "../../io/child.ts";
import type { AgentOutput, OpenOptions } from "../agent.ts";
import {
  type Connection,
  type ServerGone,
  type ServerListener,
  SharedServer,
} from "../shared-server.ts";
import { Directories } from "./directories.ts";
import { freePort } from "./free-port.ts";
import { EventReader, type ServerEvent } from "./events.ts";
import { OpencodeError } from "./error.ts";
import { OpencodeHttp } from "./http.ts";

/** The command, as messages name it. */
const SERVER_NAME = "opencode serve";
/** It listens after 1.5 s on a small machine, in a new home later (1.18.33). */
const START_MS = 60_000;
/** It says every ten seconds that it is there (1.18.33). */
const SILENT_MS = 30_000;
/** A stream that has broken off is opened again after so long. */
const RECONNECT_MS = 200;
/** Time to wait for the last events of a server that has exited. */
const LAST_EVENTS_MS = 3000;

/** A session of ours, as the server sees it. */
export interface SessionListener extends ServerListener {
  heard(event: ServerEvent): void;
  /** The stream of events has broken off and is back: some may be missing. */
  resumed(): void;
  /** `event` is as much as could be read of an event of the session that cannot be handled. */
  unparsed(output: AgentOutput, event?: ServerEvent): void;
}

/** What a server is started with. */
export interface OpencodeServerOptions extends Pick<OpenOptions, "startChild" | "idleMs"> {
  executable: string;
  env: Record<string, string>;
  /** In milliseconds: time limits to listen, of silence, to answer a request, and of the last events. */
  limits?: { startMs?: number; silentMs?: number; answerMs?: number; lastEventsMs?: number };
}

/** One `opencode serve` for all sessions of an executable. */
export class OpencodeServer implements AsyncDisposable {
  readonly directories = new Directories();
  readonly #options: OpencodeServerOptions;
  readonly #server: SharedServer<{ http: OpencodeHttp }, SessionListener>;

  constructor(options: OpencodeServerOptions) {
    this.#options = options;
    this.#server = new SharedServer({
      name: SERVER_NAME,
      idleMs: options.idleMs,
      leaveMs: 0,
      answers: async ({ http }) => http.answers(),
      start: async (giveUp) => this.#start(await freePort(), giveUp),
    });
  }

  get status() {
    return this.#server.status;
  }

  get current(): Connection<{ http: OpencodeHttp }> | undefined {
    return this.#server.current;
  }

  /** Keeps the server until the result is disposed; `directory` is where a turn runs until then. */
  use(directory?: string): Disposable {
    const parts = new DisposableStack();
    parts.use(this.#server.use());
    if (directory !== undefined) parts.use(this.directories.work(directory));
    return parts;
  }

  async connect(): Promise<Connection<{ http: OpencodeHttp }>> {
    return await this.#server.connect();
  }

  /** Hears what the server says of a session, until the function returned is called. */
  attach(sessionId: string, listener: SessionListener): () => void {
    return this.#server.attach(sessionId, listener);
  }

  /** Ends processes that the commands of a detached session have left behind. */
  async endLeftBehind(owns: (process: LeftBehind) => boolean): Promise<AgentOutput[]> {
    return await this.#server.endLeftBehind(owns);
  }

  /** Waits for what it has been told, and gives up a process that does not answer. */
  async answered(work: Promise<unknown>, limitMs: number): Promise<void> {
    await this.#server.answered(work, limitMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #start(port: number, giveUp: (why: string) => void) {
    const { executable, env, startChild, limits = {} } = this.#options;
    const { startMs = START_MS, silentMs = SILENT_MS, answerMs } = limits;
    const { lastEventsMs = LAST_EVENTS_MS } = limits;
    const password = randomBytes(24).toString("base64url");
    const listening = Promise.withResolvers<string>();
    const closing = new AbortController();
    const child = startChild({
      file: executable,
      args: ["serve", "--hostname", "127.0.0.1", "--port", String(port)],
      // The server belongs to no session's folder, whose files its runtime would read (1.18.33).
      cwd: parse(executable).root,
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
    const opened = Promise.withResolvers<void>();
    let hearing = Promise.resolve();
    const ready = async (): Promise<{ http: OpencodeHttp }> => {
      const url = await listening.promise;
      const http = await OpencodeHttp.open(url, password, {
        closed: closing.signal,
        unanswered: giveUp,
        answerMs,
      });
      // Ends with the server; whatever goes wrong with it is tried again.
      hearing = this.#listen(http, { child, closed: closing.signal, silentMs, opened, giveUp });
      await opened.promise;
      return { http };
    };
    const fail = (cause: Error): void => {
      listening.reject(cause);
      opened.reject(cause);
    };
    // Nobody waits for it where it has never listened.
    opened.promise.catch(() => undefined);
    const late = AbortSignal.timeout(startMs);
    late.addEventListener("abort", () => fail(new Error("it did not listen in time")));
    return {
      child,
      ready: ready(),
      close: (cause: ServerGone) => {
        fail(cause);
        closing.abort(cause);
      },
      // That it has exited is often known before its last events are read.
      heard: async () => {
        await within(hearing, AbortSignal.timeout(lastEventsMs));
      },
    };
  }

  /**
   * Reads the events for as long as the server is there. The stream is never silent for long: where it
   * is, or breaks off, it is opened again, and a server that gives none any more is given up.
   */
  async #listen(
    http: OpencodeHttp,
    {
      child,
      closed,
      silentMs,
      opened,
      giveUp,
    }: {
      child: Child;
      closed: AbortSignal;
      silentMs: number;
      opened: PromiseWithResolvers<void>;
      giveUp: (why: string) => void;
    },
  ): Promise<void> {
    let heardAt = 0;
    while (!closed.aborted && child.running) {
      const reader = new EventReader((output, event) => {
        const session = event && this.#server.listener(event.sessionId);
        if (session) session.unparsed(output, event);
        else for (const one of this.#server.listeners) one.unparsed(output);
      });
      try {
        for await (const chunk of http.events(silentMs)) {
          // The sessions have ended their turns: an event would begin an item outside them.
          if (closed.aborted) return;
          if (heardAt > 0 && reader.isNew) {
            for (const one of this.#server.listeners) one.resumed();
          }
          heardAt = performance.now();
          opened.resolve();
          for (const event of reader.push(chunk)) {
            this.#server.listener(event.sessionId)?.heard(event);
          }
          // Of a flood the runtime takes chunk after chunk: others would wait for a second.
          await turn();
        }
      } catch (cause) {
        // The server has gone, which its exit tells, or the stream has broken off.
        if (cause instanceof OpencodeError) opened.reject(cause);
      }
      if (heardAt > 0 && performance.now() - heardAt > silentMs * 2) {
        giveUp(`it has told no events for ${Math.round((performance.now() - heardAt) / 1000)} s`);
      }
      if (child.running) await sleep(RECONNECT_MS, undefined, { ref: false });
    }
  }
}
