import { parse } from "node:path";
import type { AgentItem, AgentOutput, OpenOptions } from "../agent.ts";
import type { LeftBehind } from "../../io/left-behind.ts";
import { within } from "../../io/within.ts";
import { version } from "../../version.ts";
import { type Connection, type ServerListener, SharedServer } from "../shared-server.ts";
import { unhandled } from "../json-line.ts";
import { unknownItem } from "./items.ts";
import { serverNotice } from "./notices.ts";
import { Rpc, type RpcId } from "./rpc.ts";
import { isOfThread } from "./terminals.ts";

/** The command, as messages name it. */
const SERVER_NAME = "codex app-server";
/** It leaves at once when its input is closed (0.169.0). */
const LEAVE_MS = 2000;
/** Whoever has closed its input is gone within so long, or stays. */
const EXIT_MS = 1000;
/** Things kept of a thread that nobody hears yet, and such threads. */
const MAX_EARLY = 100;
const MAX_EARLY_THREADS = 20;

/** A session's thread as the server sees it. */
export interface ThreadListener extends ServerListener {
  notified(method: string, params: Record<string, unknown>, raw: string): void;
  asked(id: RpcId, method: string, params: Record<string, unknown>, raw: string): void;
  /** Something that is nobody's in particular: no message, or asked of no thread. */
  /** `method` is that of a message of the thread that cannot be handled. */
  unparsed(output: AgentOutput, method?: string): void;
}

/** What a server is started with. */
export interface CodexServerOptions extends Pick<OpenOptions, "env" | "startChild" | "idleMs"> {
  executable: string;
  args: string[];
}

/** One `codex app-server` for all sessions of an executable. */
export class CodexServer implements AsyncDisposable {
  readonly #options: CodexServerOptions;
  readonly #server: SharedServer<{ rpc: Rpc }, ThreadListener>;
  /** What was said of threads that nobody hears yet: a subagent speaks before it is introduced. */
  readonly #early = new Map<string, ((listener: ThreadListener) => void)[]>();

  constructor(options: CodexServerOptions) {
    this.#options = options;
    this.#server = new SharedServer({
      name: SERVER_NAME,
      idleMs: options.idleMs,
      leaveMs: LEAVE_MS,
      start: async (giveUp) => this.#start(giveUp),
    });
  }

  get status() {
    return this.#server.status;
  }

  get current(): Connection<{ rpc: Rpc }> | undefined {
    return this.#server.current;
  }

  use(): Disposable {
    return this.#server.use();
  }

  async connect(): Promise<Connection<{ rpc: Rpc }>> {
    return await this.#server.connect();
  }

  /** Hears what the server says of a thread, until the function returned is called. */
  attach(threadId: string, listener: ThreadListener): () => void {
    const owns = (process: LeftBehind) => isOfThread(process, [threadId]);
    const detach = this.#server.attach(threadId, { ...listener, owns });
    const early = this.#early.get(threadId) ?? [];
    this.#early.delete(threadId);
    for (const tell of early) {
      try {
        tell(listener);
      } catch (cause) {
        listener.unparsed(unhandled(cause, "codex"));
      }
    }
    return detach;
  }

  /** Ends processes that the commands of a detached session have left behind. */
  async endLeftBehind(threads: readonly (string | null)[]): Promise<AgentOutput[]> {
    return await this.#server.endLeftBehind((process) => isOfThread(process, threads));
  }

  /** Waits for what it has been told, and gives up a process that does not answer. */
  async answered(work: Promise<unknown>, limitMs: number): Promise<void> {
    await this.#server.answered(work, limitMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #start(giveUp: (why: string) => void) {
    const { executable, args, env, startChild } = this.#options;
    const child = startChild({
      file: executable,
      args: ["app-server", ...args],
      // The server belongs to no session's folder, whose settings it would read (0.169.0).
      cwd: parse(executable).root,
      env: { RUST_LOG: "error", ...env },
      stdin: "pipe",
      onLines: (lines) => rpc.read(lines),
    });
    const gone = Promise.withResolvers<never>();
    // Nobody may be waiting.
    gone.promise.catch(() => undefined);
    const write = async (line: string): Promise<void> => {
      try {
        await child.write(line);
      } catch (cause) {
        // Why it has gone says more than that it could not be written to.
        await within(child.exited, AbortSignal.timeout(EXIT_MS));
        giveUp(cause instanceof Error ? cause.message : String(cause));
        await gone.promise;
      }
    };
    const rpc: Rpc = new Rpc(write, {
      unanswered: giveUp,
      notified: (method, params, raw) => this.#notified(method, params, raw),
      asked: (id, method, params, raw) => this.#asked(rpc, { id, method, params, raw }),
      unparsed: (output, method, params) => this.#unparsed(output, method, params),
    });
    return {
      child,
      ready: greet(rpc),
      close: (cause: Error) => {
        gone.reject(cause);
        rpc.close(cause);
        this.#early.clear();
      },
    };
  }

  #notified(method: string, params: Record<string, unknown>, raw: string): void {
    const { threadId } = params;
    if (typeof threadId !== "string") return this.#tellAll(serverNotice(method, params), raw);
    const thread = this.#server.listener(threadId);
    if (thread) thread.notified(method, params, raw);
    else this.#keep(threadId, (listener) => listener.notified(method, params, raw));
  }

  /** Tells what is of no thread to all that have something to do. */
  #tellAll(item: AgentItem | undefined, raw: string): void {
    if (!item) return;
    for (const thread of this.#server.listeners) {
      thread.unparsed({ type: "item.completed", item, raw });
    }
  }

  #unparsed(
    output: AgentOutput,
    method?: string,
    { threadId }: Record<string, unknown> = {},
  ): void {
    const thread = typeof threadId === "string" ? this.#server.listener(threadId) : undefined;
    if (thread) return thread.unparsed(output, method);
    for (const each of this.#server.listeners) each.unparsed(output);
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
    const thread = typeof threadId === "string" ? this.#server.listener(threadId) : undefined;
    if (thread) return thread.asked(id, method, params, raw);
    this.#tellAll(unknownItem(method, params), raw);
    // A subagent that nobody hears yet waits; what is asked of nobody is refused. A server that cannot be written to is about to be reported as gone.
    rpc.refuse(id, method).catch(() => undefined);
  }
}

async function greet(rpc: Rpc): Promise<{ rpc: Rpc }> {
  await rpc.request("initialize", {
    clientInfo: { name: "sandbox-agent", title: "sandbox-agent", version },
    capabilities: { experimentalApi: true },
  });
  await rpc.notify("initialized");
  return { rpc };
}
