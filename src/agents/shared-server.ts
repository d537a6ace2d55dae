import type { Child } from "../io/child.ts";
import type { LeftBehind } from "../io/left-behind.ts";
import { Rest } from "../io/rest.ts";
import { within } from "../io/within.ts";
import type { ServerStatusInfo } from "../schema/agent.ts";
import type { StderrOutput } from "../schema/event.ts";
import type { AgentOutput } from "./agent.ts";
import { leftBehindNotice } from "./left-behind.ts";
import { exitMessage, Restarts } from "./restarts.ts";

/** How a server's process has ended, as an event tells it. */
interface EndDetails {
  exitCode: number | null;
  signal: string | null;
  stderr: StderrOutput;
}

/** The server has ended while it was needed. */
export class ServerGone extends Error {
  override readonly name = "ServerGone";
  readonly details: EndDetails | null;

  constructor(message: string, options: { details?: EndDetails; cause?: unknown }) {
    super(message, options);
    this.details = options.details ?? null;
  }
}

/** A server that answers nothing is killed so long after it has been asked to leave. */
const HUNG_TERM_MS = 1000;

/** Who hears what the server says of one native session. */
export interface ServerListener {
  /** The server and its work have ended. `ended` reports processes of this session that ended with it. */
  gone(cause: ServerGone, ended: AgentOutput[]): void;
  /** Whether something goes on beside turns that would end with the server; must not reject. */
  needed?(): Promise<boolean>;
  /** Whether a command of the session has left a process behind. */
  owns?(process: LeftBehind): boolean;
}

/** A server that is being started. */
export interface StartedServer<Client> {
  child: Child;
  /** What it is talked to with, once it answers. */
  ready: Promise<Client>;
  /** The process has gone: nobody is answered any more. Rejects `ready` where that is still open. */
  close: (cause: ServerGone) => void;
  /** Resolves, after some seconds at the latest, when the last output of the process was read. */
  heard?: () => Promise<void>;
}

/** What a running server is talked to with; `generation` tells one process from the next. */
export type Connection<Client> = Client & { generation: number };

/** What is special of a server. */
export interface SharedServerOptions<Client> {
  /** The command, as messages name it. */
  name: string;
  /** After so many milliseconds without use the process is let go; 0: never. */
  idleMs: number;
  /** How long it may take to leave by itself. */
  leaveMs: number;
  /** Reports if the process answers a request that concerns no session. */
  answers?(client: Client): Promise<boolean>;
  /** `giveUp` ends the process that is started here, because of what it has done. */
  start(giveUp: (why: string) => void): Promise<StartedServer<Client>>;
}

interface Running<Client> {
  child: Child;
  ready: Promise<Connection<Client>>;
  connection?: Connection<Client>;
  startedAt: number;
  /** It has been told to leave. */
  ending?: true;
  /** What it has done that it was ended for. */
  fault?: string;
}

/**
 * The process of a server that sessions share: started when needed, again after it has died, and let
 * go while nobody needs it.
 */
export class SharedServer<
  Client extends object,
  Listener extends ServerListener,
> implements AsyncDisposable {
  readonly #options: SharedServerOptions<Client>;
  readonly #listeners = new Map<string, Listener>();
  readonly #restarts: Restarts;
  readonly #rest = new Rest();
  readonly #disposing = new AbortController();
  #running: Running<Client> | undefined;
  #starting: Promise<Running<Client>> | undefined;
  /** Resolves when the last process has gone and everybody has been told. */
  #gone: Promise<void> = Promise.resolve();
  #generation = 0;
  #users = 0;
  /** How often it has been used, also by those who do no more. */
  #uses = 0;

  constructor(options: SharedServerOptions<Client>) {
    this.#options = options;
    this.#restarts = new Restarts(options.name);
  }

  get status(): ServerStatusInfo {
    const running = this.#running;
    const { dead, lastError, stderr, count } = this.#restarts;
    return {
      status: running ? "running" : dead ? "error" : "stopped",
      ...(running && { uptimeMs: Math.round(performance.now() - running.startedAt) }),
      restartCount: count,
      ...(lastError !== undefined && { lastError }),
      ...(stderr?.head !== undefined && { stderr }),
    };
  }

  /** The server that is there and answers. */
  get current(): Connection<Client> | undefined {
    return this.#alive?.connection;
  }

  /** Keeps the server that is there, or comes, until the result is disposed of. */
  use(): Disposable {
    let used = true;
    this.#users += 1;
    this.#uses += 1;
    this.#rest.end();
    return {
      [Symbol.dispose]: () => {
        if (!used) return;
        used = false;
        this.#users -= 1;
        this.#letGo();
      },
    };
  }

  /** The server that is there, or a new one; rejects where none can be started. */
  async connect(): Promise<Connection<Client>> {
    const { ready } = this.#alive ?? (await this.#started());
    return await ready;
  }

  /**
   * Waits until the process has answered. A process that answers no other request either is ended,
   * and all its turns end as after a crash.
   */
  async answered(work: Promise<unknown>, limitMs: number): Promise<void> {
    const running = this.#running;
    const client = running?.connection;
    // Asked at once, so that both time limits pass together.
    const answers = client && this.#options.answers?.(client);
    if (await within(work, AbortSignal.timeout(limitMs))) return;
    // Only the folder of the session hangs: the other sessions go on.
    if ((await answers) === true) return;
    if (running) this.#giveUp(running, `no answer to a message within ${limitMs / 1000} s`);
  }

  /** Hears what the server says of a native session, until the function returned is called. */
  attach(nativeId: string, listener: Listener): () => void {
    this.#listeners.set(nativeId, listener);
    return () => {
      if (this.#listeners.get(nativeId) === listener) this.#listeners.delete(nativeId);
    };
  }

  /**
   * Ends processes that the commands of a detached session have left behind: those that it `owns` and no
   * other session does. The last session ends all of them.
   */
  async endLeftBehind(owns: (process: LeftBehind) => boolean): Promise<AgentOutput[]> {
    const ended = await this.#alive?.child.endLeftBehind((process) => {
      const others = [...this.#listeners.values()];
      if (others.length === 0) return true;
      return owns(process) && !others.some((other) => other.owns?.(process) === true);
    });
    return leftBehindNotice(ended ?? []);
  }

  /** Who hears of this native session. */
  listener(nativeId: string): Listener | undefined {
    return this.#listeners.get(nativeId);
  }

  get listeners(): Iterable<Listener> {
    return this.#listeners.values();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing.abort(new Error("the daemon is shutting down"));
    this.#rest.end();
    await this.#starting?.catch(() => undefined);
    if (this.#running) await this.#end(this.#running);
    await this.#gone;
  }

  /** The process, unless it has exited: it is attended for a moment longer. */
  get #alive(): Running<Client> | undefined {
    return this.#running?.child.running === true ? this.#running : undefined;
  }

  /** Starts it once for all who wait. */
  #started(): Promise<Running<Client>> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<Running<Client>> {
    const { signal } = this.#disposing;
    // The one before holds what the next one opens.
    await this.#gone;
    await this.#restarts.allowed(signal);
    signal.throwIfAborted();
    let running: Running<Client> | undefined;
    const { child, ready, close, heard } = await this.#options.start((why) => {
      if (running) this.#giveUp(running, why);
    });
    const generation = ++this.#generation;
    this.#restarts.started();
    const connected = async (): Promise<Connection<Client>> => {
      try {
        const connection = { ...(await ready), generation };
        if (running) running.connection = connection;
        return connection;
      } catch (cause) {
        if (cause instanceof ServerGone) throw cause;
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new ServerGone(`${this.#options.name} could not be started: ${why}`, { cause });
      }
    };
    running = { child, ready: connected(), startedAt: performance.now() };
    this.#running = running;
    this.#gone = this.#attend(running, close, heard);
    // Awaited by who needs it; its failure is told by the exit too.
    running.ready.catch((cause: unknown) => {
      const { cause: why } = cause instanceof Error ? cause : {};
      if (running) this.#giveUp(running, why instanceof Error ? why.message : "it has not started");
    });
    return running;
  }

  /** Waits for the end of the process and tells it. */
  async #attend(
    running: Running<Client>,
    close: (cause: ServerGone) => void,
    heard: (() => Promise<void>) | undefined,
  ): Promise<void> {
    const { child } = running;
    const exit = await child.exited;
    // From now on whoever needs one waits for the next.
    if (this.#running === running) this.#running = undefined;
    // Commands that it has started outlive it where it could not end them itself.
    await child.end({ graceMs: 0 });
    await heard?.();
    const stderr = child.stderr.toJSON();
    const message = exitMessage(this.#options.name, exit, stderr, running.fault);
    const details = { exitCode: exit.code, signal: exit.signal, stderr };
    const cause = new ServerGone(message, { details });
    close(cause);
    // Whoever let it go knows that nobody needed it.
    if (running.ending === true) return;
    this.#restarts.died(message, stderr);
    for (const listener of this.#listeners.values()) {
      try {
        const ended = child.endedLeftBehind.filter((one) => listener.owns?.(one) === true);
        listener.gone(cause, leftBehindNotice(ended));
      } catch {
        // One session that cannot take it must not keep it from the others.
      }
    }
  }

  /** What is asked for from now on is asked of the next process. */
  #giveUp(running: Running<Client>, why: string): void {
    if (this.#running !== running) return;
    running.fault = why;
    this.#running = undefined;
    // Attended as every process is.
    void running.child.end({ graceMs: 0, termMs: HUNG_TERM_MS });
  }

  /** Somebody needs it no more: one that has not even answered yet is ended with the last of them. */
  #letGo(): void {
    const running = this.#running;
    if (this.#users > 0 || !running || running.connection) return this.#restLater();
    running.ending = true;
    this.#running = undefined;
    // Attended as every process is.
    void running.child.end({ graceMs: 0, termMs: HUNG_TERM_MS });
  }

  #restLater(): void {
    const { idleMs } = this.#options;
    const running = this.#running;
    if (idleMs === 0 || this.#users > 0 || !running) return;
    this.#rest.begin(idleMs, () => this.#release(running));
  }

  /** Lets the process go, unless something still goes on: the next message starts another. */
  async #release(running: Running<Client>): Promise<void> {
    const uses = this.#uses;
    const needs = Array.from(this.#listeners.values(), async (one) => await one.needed?.());
    const needed = (await Promise.all(needs)).includes(true);
    if (this.#uses !== uses || this.#running !== running) return;
    // A server that a user has asked for would end with it.
    const hasLeftBehind = !needed && (await running.child.leftBehind()).length > 0;
    if (this.#uses !== uses || this.#running !== running) return;
    if (needed || hasLeftBehind) this.#restLater();
    else await this.#end(running);
  }

  /** What is asked for from now on is asked of the next process. */
  async #end(running: Running<Client>): Promise<void> {
    running.ending = true;
    this.#running = undefined;
    await running.child.end({ graceMs: this.#options.leaveMs });
  }
}
