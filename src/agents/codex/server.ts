import type { AgentItem, AgentOutput, OpenOptions } from "../agent.ts";
import { Child, type Exit } from "../../io/child.ts";
import type { ServerStatusInfo } from "../../schema/agent.ts";
import type { StderrOutput } from "../../schema/event.ts";
import { version } from "../../version.ts";
import { exitMessage, Restarts } from "../restarts.ts";
import { unknownItem } from "./items.ts";
import { serverNotice } from "./notices.ts";
import { Rpc, RpcError, type RpcId } from "./rpc.ts";

/** The command, as messages name it. */
export const SERVER_NAME = "codex app-server";
/** It leaves at once when its input is closed (0.169.0). */
const LEAVE_MS = 2000;
/** Things kept of a thread that nobody hears yet, and such threads. */
const MAX_EARLY = 100;
const MAX_EARLY_THREADS = 20;

/** The server has ended while it was asked something. */
export class ServerGone extends Error {
  override readonly name = "ServerGone";
}

/** A session's thread as the server sees it. */
export interface ThreadListener {
  notified(method: string, params: Record<string, unknown>, raw: string): void;
  asked(id: RpcId, method: string, params: Record<string, unknown>, raw: string): void;
  /** Something that is nobody's in particular: no message, or asked of no thread. */
  unparsed(output: AgentOutput): void;
  /** The server has gone, and with it the running turn. */
  gone(exit: Exit, stderr: StderrOutput): void;
}

/** A running server; `generation` tells one from the next. */
export interface Connection {
  rpc: Rpc;
  generation: number;
}

interface Running extends Connection {
  child: Child;
  ready: Promise<void>;
  startedAt: number;
}

/** What a server is started with. */
export interface CodexServerOptions extends Pick<OpenOptions, "env" | "startChild"> {
  executable: string;
  args: string[];
  directory: string;
}

/** One `codex app-server` for all sessions of an executable: started when needed, and again after it has died. */
export class CodexServer implements AsyncDisposable {
  readonly #options: CodexServerOptions;
  readonly #threads = new Map<string, ThreadListener>();
  /** What was said of threads that nobody hears yet: a subagent speaks before it is introduced. */
  readonly #early = new Map<string, ((listener: ThreadListener) => void)[]>();
  #running: Running | undefined;
  readonly #restarts = new Restarts(SERVER_NAME);
  #disposed = false;
  /** Resolves when the last process has gone and everybody has been told. */
  #gone: Promise<void> = Promise.resolve();

  constructor(options: CodexServerOptions) {
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
    return this.#running;
  }

  /** The server that is there, or a new one; rejects where none can be started. */
  async connect(): Promise<Connection> {
    if (!this.#running) await this.#backOff();
    const running = (this.#running ??= this.#start());
    try {
      await running.ready;
    } catch (cause) {
      if (cause instanceof RpcError) throw cause;
      // Why it has gone says more than that it could not be written to.
      await this.#gone;
      throw new ServerGone(this.#restarts.lastError, { cause });
    }
    return running;
  }

  /** Hears what the server says of a thread, until the function returned is called. */
  attach(threadId: string, listener: ThreadListener): () => void {
    this.#threads.set(threadId, listener);
    const early = this.#early.get(threadId) ?? [];
    this.#early.delete(threadId);
    for (const tell of early) tell(listener);
    return () => {
      if (this.#threads.get(threadId) === listener) this.#threads.delete(threadId);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#running?.child.end({ graceMs: LEAVE_MS });
    await this.#gone;
  }

  async #backOff(): Promise<void> {
    await this.#gone;
    await this.#restarts.allowed();
  }

  #start(): Running {
    if (this.#disposed) throw new Error("the daemon is shutting down");
    const { executable, args, directory, env, startChild } = this.#options;
    const child = startChild({
      file: executable,
      args: ["app-server", ...args],
      cwd: directory,
      env: { RUST_LOG: "error", ...env },
      stdin: "pipe",
      onLines: (lines) => rpc.read(lines),
    });
    const rpc: Rpc = new Rpc((line) => child.write(line), {
      notified: (method, params, raw) => this.#notified(method, params, raw),
      asked: (id, method, params, raw) => this.#asked(rpc, { id, method, params, raw }),
      unparsed: (output) => {
        for (const thread of this.#threads.values()) thread.unparsed(output);
      },
    });
    const running: Running = {
      child,
      rpc,
      generation: this.#restarts.started(),
      ready: greet(rpc),
      startedAt: Date.now(),
    };
    // Awaited by who needs it; its failure is told by the exit too.
    running.ready.catch(() => child.end({ graceMs: 0 }));
    this.#gone = this.#attend(running);
    return running;
  }

  async #attend(running: Running): Promise<void> {
    const { child, rpc } = running;
    const exit = await child.exited;
    const stderr = child.stderr.toJSON();
    rpc.close(new ServerGone(exitMessage(SERVER_NAME, exit, stderr)));
    this.#early.clear();
    // Commands that it has started outlive it where it could not end them itself.
    await child.end({ graceMs: 0 });
    if (this.#running === running) this.#running = undefined;
    if (!this.#disposed) this.#restarts.died(exitMessage(SERVER_NAME, exit, stderr));
    for (const thread of this.#threads.values()) thread.gone(exit, stderr);
  }

  #notified(method: string, params: Record<string, unknown>, raw: string): void {
    const { threadId } = params;
    if (typeof threadId !== "string") return this.#tellAll(serverNotice(method, params), raw);
    const thread = this.#threads.get(threadId);
    if (thread) thread.notified(method, params, raw);
    else this.#keep(threadId, (listener) => listener.notified(method, params, raw));
  }

  /** Tells what is of no thread to all that have something to do. */
  #tellAll(item: AgentItem | undefined, raw: string): void {
    if (!item) return;
    for (const thread of this.#threads.values()) {
      thread.unparsed({ type: "item.completed", item, raw });
    }
  }

  #keep(threadId: string, tell: (listener: ThreadListener) => void): void {
    const kept = this.#early.get(threadId) ?? [];
    if (kept.length < MAX_EARLY) kept.push(tell);
    this.#early.set(threadId, kept);
    for (const oldest of this.#early.keys()) {
      if (this.#early.size <= MAX_EARLY_THREADS) return;
      this.#early.delete(oldest);
    }
  }

  #asked(
    rpc: Rpc,
    asked: { id: RpcId; method: string; params: Record<string, unknown>; raw: string },
  ): void {
    const { id, method, params, raw } = asked;
    const { threadId } = params;
    const thread = typeof threadId === "string" ? this.#threads.get(threadId) : undefined;
    if (thread) return thread.asked(id, method, params, raw);
    this.#tellAll(unknownItem(method, params), raw);
    // A subagent that nobody hears yet waits; what is asked of nobody is refused. A server that cannot be written to is about to be reported as gone.
    rpc.refuse(id, method).catch(() => undefined);
  }
}

async function greet(rpc: Rpc): Promise<void> {
  await rpc.request("initialize", {
    clientInfo: { name: "sandbox-agent", title: "sandbox-agent", version },
    capabilities: { experimentalApi: true },
  });
  await rpc.notify("initialized");
}
