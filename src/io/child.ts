// Not execa: it resolves when the streams close, buffers or iterates lines one by one, and ends one
// process; here an exit must not wait for a grandchild, lines come in batches, and a tree is ended.
import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { asUser, type ChildUser } from "./child-user.ts";
import { errorCode } from "./error-code.ts";
import { findExecutable } from "./executable.ts";
import { LineClaim, largeLines } from "./large-lines.ts";
import { describeProcess, type LeftBehind, orphansOf } from "./left-behind.ts";
import { LineSplitter, type Line } from "./lines.ts";
import { preferAsVictim } from "./out-of-memory.ts";
import { OutputTail } from "./output-tail.ts";
import { OWNER_VARIABLE } from "./owner.ts";
import type { ParentDeath } from "./parent-death.ts";
import { explainError } from "./system-error.ts";
import { signalProcess, type ProcessEntry } from "./process-table.ts";
import { ProcessTree, killAll, waitUntilNone } from "./process-tree.ts";

/** How a child ended, or why it never began. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /**
   * Set when the child could not be started (`ENOENT`, `EACCES`, `ENOEXEC`...), could not be ended,
   * or was ended because its output could not be handled (`EOUTPUT`).
   */
  error?: { code: string; message: string };
}

/** What starts a child; nothing of our own environment reaches it. */
export interface ChildOptions {
  file: string;
  args?: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  stdin: "pipe" | "ignore";
  /**
   * Receives the lines of each chunk of stdout, synchronously. An exception ends the child. Without
   * it stdout is discarded.
   */
  onLines?: (lines: Line[]) => void;
  maxLineBytes?: number;
  /** From `ownerMarker()`: makes its processes recognisable, even when re-parented. */
  marker?: string;
  parentDeath?: ParentDeath;
  /** The user to start it as; this process's own user when it is not given. */
  user?: ChildUser | undefined;
  /** The reason not to start it for lack of descriptors. */
  shortage?: () => { code: string; message: string } | undefined;
  /** Takes out of its stderr what nobody is to see. */
  redact?: (text: string) => string;
}

/** How patiently a child is ended. */
export interface EndOptions {
  /** From the end of its input to SIGTERM. */
  graceMs?: number;
  /** From SIGTERM to SIGKILL. */
  termMs?: number;
}

const GRACE_MS = 2000;
const TERM_MS = 3000;
const KILL_MS = 2000;
/** From SIGTERM to SIGKILL of a process that a command has left behind. */
const LEFT_TERM_MS = 1000;
/** After the exit: silence this long means that nothing is left in the pipes... */
const QUIET_MS = 50;
/** ...and this is the most that a grandchild which goes on writing can delay us. */
const DRAIN_MS = 1000;

/** A write that cannot reach the child: it has exited, is being ended, or closed its input. */
export class ChildGone extends Error {
  override readonly name = "ChildGone";
}

/** A child process with everything that comes of it; owned by who starts it, gone when disposed. */
export class Child implements AsyncDisposable {
  readonly pid: number | undefined;
  readonly stderr: OutputTail;
  /** Never rejects. Does not wait for a grandchild that holds the pipes. */
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess | undefined;
  readonly #tree: ProcessTree | undefined;
  readonly #parentDeath: ParentDeath | undefined;
  readonly #settle: (exit: Exit) => void;
  readonly #writers = new Set<(reason: string) => void>();
  #signalled = false;
  /** Why nothing more can be written. */
  #refusal: string | undefined;
  /** The error that kept its output from being handled. */
  #fault: string | undefined;
  #received = 0;
  readonly #claim = new LineClaim(largeLines);
  #survey: Promise<unknown> = Promise.resolve();
  #ended: readonly LeftBehind[] = [];
  #ending: Promise<number[]> | undefined;

  private constructor(options: ChildOptions) {
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.exited = promise;
    this.#settle = resolve;
    this.#parentDeath = options.parentDeath;
    this.stderr = new OutputTail(options.redact);
    const started = startProcess(options);
    if ("error" in started) {
      this.#refusal = started.error.message;
      resolve({ code: null, signal: null, error: started.error });
      return;
    }
    this.#process = started.process;
    this.pid = started.process.pid;
    this.#follow(started.process, options);
    if (this.pid === undefined) return;
    this.#tree = new ProcessTree(this.pid, treeMarker(options.marker));
    this.#parentDeath?.watch(this.pid);
    preferAsVictim(this.pid);
  }

  /** Never throws: what goes wrong stands in `exited`. */
  static start(options: ChildOptions): Child {
    return new Child(options);
  }

  /** Whether it has neither exited nor failed to start. */
  get running(): boolean {
    const child = this.#process;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Whether it has been told to end, or been signalled: then its end is no crash. */
  get wasAsked(): boolean {
    return this.#signalled || this.#ending !== undefined;
  }

  /**
   * Writes a line; resolves when the system has taken it, rejects with `ChildGone` when it cannot.
   * Bun 1.4 takes small lines itself first and does not tell when a child that still runs has closed
   * its input.
   */
  write(line: string): Promise<void> {
    const stdin = this.#process?.stdin;
    if (this.#refusal !== undefined || stdin === null || stdin === undefined) {
      return Promise.reject(new ChildGone(this.#refusal ?? "the child has no input"));
    }
    return new Promise((resolve, reject) => {
      const refuse = (reason: string): void => reject(new ChildGone(reason));
      this.#writers.add(refuse);
      stdin.write(`${line}\n`, (error) => {
        this.#writers.delete(refuse);
        if (error) refuse(`the child does not read its input: ${error.message}`);
        else resolve();
      });
    });
  }

  /** Signals the child alone, not its tree; false when it is gone. */
  signal(name: NodeJS.Signals): boolean {
    this.#signalled = true;
    return this.running && this.#process?.kill(name) === true;
  }

  /** The processes that commands of the running child have left behind, such as a server of the user's. */
  async leftBehind(): Promise<LeftBehind[]> {
    return (await this.#orphans()).map(describeProcess);
  }

  /** Ends those processes that `accepts` accepts; returns them. */
  async endLeftBehind(accepts: (process: LeftBehind) => boolean): Promise<LeftBehind[]> {
    const ended = new Map<string, LeftBehind>();
    const find = async (): Promise<ProcessEntry[]> =>
      (await this.#orphans()).filter((entry) => {
        const key = `${entry.pid} ${entry.startTime}`;
        const described = ended.get(key) ?? describeProcess(entry);
        if (!ended.has(key) && !accepts(described)) return false;
        ended.set(key, described);
        return true;
      });
    for (const entry of await find()) await signalProcess(entry, "SIGTERM");
    await waitUntilNone(find, LEFT_TERM_MS);
    await killAll(find, { timeoutMs: KILL_MS });
    return [...ended.values()];
  }

  /** The processes that were left behind and have been ended together with the child. */
  get endedLeftBehind(): readonly LeftBehind[] {
    return this.#ended;
  }

  async #orphans(): Promise<ProcessEntry[]> {
    const { pid } = this;
    if (pid === undefined || !this.running) return [];
    return orphansOf(pid, (await this.#tree?.refresh()) ?? []);
  }

  /**
   * Ends the whole tree: end of input, SIGTERM, SIGKILL. The first call decides how patiently, the
   * others wait for it. Gives the pids that could not be ended (another user's, stuck in the
   * kernel): none as a rule.
   */
  end(options: EndOptions = {}): Promise<number[]> {
    this.#ending ??= this.#end(options);
    return this.#ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #end({ graceMs = GRACE_MS, termMs = TERM_MS }: EndOptions): Promise<number[]> {
    const tree = this.#tree;
    if (tree === undefined) {
      await this.exited;
      return [];
    }
    // The first look, while every parent lives: whoever is re-parented later is known by then.
    const members = await tree.refresh();
    if (this.pid !== undefined) this.#ended = orphansOf(this.pid, members).map(describeProcess);
    this.#refusal ??= "the child is being ended";
    this.#process?.stdin?.end();
    await this.#exitWithin(graceMs);
    await this.#survey;
    await this.#terminate(await tree.refresh());
    await waitUntilNone<unknown>(async () => (this.running ? [this] : tree.living()), termMs);
    if (this.running) this.#process?.kill("SIGKILL");
    const survivors = await killAll(() => tree.refresh(), { timeoutMs: KILL_MS });
    await this.#exitWithin(DRAIN_MS * 2);
    const error = { code: "ETIMEDOUT", message: "the child could not be ended" };
    this.#refuse(error.message);
    this.#settle({ code: null, signal: null, error });
    return survivors.map((entry) => entry.pid);
  }

  async #terminate(entries: readonly ProcessEntry[]): Promise<void> {
    this.signal("SIGTERM");
    for (const entry of entries) {
      if (entry.pid !== this.pid) await signalProcess(entry, "SIGTERM");
    }
  }

  async #exitWithin(milliseconds: number): Promise<void> {
    const timer = new AbortController();
    const late = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.exited, late]);
    timer.abort();
  }

  #follow(child: ChildProcess, options: ChildOptions): void {
    const splitter = new LineSplitter(
      options.maxLineBytes === undefined ? {} : { limitBytes: options.maxLineBytes },
    );
    const give = (lines: Line[]): void => {
      try {
        if (lines.length > 0) options.onLines?.(lines);
      } catch (cause) {
        this.#fault ??= cause instanceof Error ? cause.message : "unknown error";
        void this.end({ graceMs: 0 });
      }
    };
    const hear = (
      pipe: Readable | null,
      take: (chunk: Buffer) => Promise<void> | undefined | void,
    ): void => {
      pipe?.on("data", (chunk: Buffer) => {
        this.#received += chunk.length;
        const wait = take(chunk);
        // Of a flood the runtime takes chunk after chunk: others would wait for a second, and Bun
        // keeps the chunks until it next collects.
        pipe.pause();
        if (wait) void wait.then(() => pipe.resume());
        else setImmediate(() => pipe.resume());
      });
    };
    hear(child.stdout, (chunk) => {
      give(splitter.push(chunk));
      return this.#claim.update(splitter.carriedBytes);
    });
    hear(child.stderr, (chunk) => this.stderr.push(chunk));
    // A pipe that breaks is a pipe that ended.
    child.stdout?.on("error", () => {});
    child.stderr?.on("error", () => {});
    child.stdin?.on("error", (error) =>
      this.#refuse(`the child does not read its input: ${error.message}`),
    );
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    child.on("error", (error) => {
      if (child.pid !== undefined) return;
      this.#refuse(error.message);
      this.#settle({ code: null, signal: null, error: failureOf(error) });
    });
    child.once("exit", (code, signal) => {
      this.#refuse(`the child has exited (${signal ?? code})`);
      this.#survey = this.#afterExit({ code, signal }, closed, () => give(splitter.end()));
    });
  }

  async #afterExit(exit: Exit, closed: Promise<void>, finish: () => void): Promise<void> {
    // Whom it leaves behind must be known now: a moment later its pid may be another's.
    const survey = this.#tree?.refresh();
    this.#tree?.releaseRoot();
    if (this.pid !== undefined) this.#parentDeath?.unwatch(this.pid);
    await Promise.race([closed, this.#quiet()]);
    for (const pipe of this.#process?.stdio ?? []) pipe?.destroy();
    finish();
    this.#claim.close();
    const error =
      this.#fault === undefined
        ? this.#parentDeath?.startFailure(exit, this.stderr.lines().head[0] ?? "")
        : { code: "EOUTPUT", message: `its output could not be handled: ${this.#fault}` };
    this.#settle(error === undefined ? exit : { ...exit, error });
    await survey;
  }

  /** Resolves when the pipes have been silent for a while, or went on for too long. */
  async #quiet(): Promise<void> {
    let deadline = performance.now() + DRAIN_MS;
    for (let before = -1; before !== this.#received && performance.now() < deadline;) {
      before = this.#received;
      if (this.#claim.settled) {
        // The pipe is not read meanwhile, and so it is silent.
        await this.#claim.settled;
        before = -1;
        deadline = performance.now() + DRAIN_MS;
      }
      await sleep(QUIET_MS);
      // On a busy loop the timer comes before the pipes are polled. This comes after it, and after
      // it once more where a pipe was paused the first time.
      await turn();
      await turn();
    }
  }

  #refuse(reason: string): void {
    this.#refusal ??= reason;
    for (const refuse of this.#writers) refuse(reason);
    this.#writers.clear();
  }
}

function startProcess(
  options: ChildOptions,
): { process: ChildProcess } | { error: { code: string; message: string } } {
  const shortage = options.shortage?.();
  if (shortage) return { error: shortage };
  const env = { ...options.env };
  if (options.marker !== undefined) env[OWNER_VARIABLE] = options.marker;
  const found = findExecutable(options.file, { cwd: options.cwd, path: env.PATH });
  if ("failure" in found) return { error: found.failure };
  const plain = { file: found.file, args: options.args ?? [] };
  const wrapped = options.parentDeath?.wrap(plain) ?? plain;
  // Outermost: the kernel forgets the parent-death signal of a process that changes its user.
  const { file, args } = options.user ? asUser(options.user, wrapped) : wrapped;
  try {
    return {
      process: spawn(file, args, {
        cwd: options.cwd,
        env,
        detached: process.platform !== "win32",
        windowsHide: true,
        stdio: [options.stdin, options.onLines === undefined ? "ignore" : "pipe", "pipe"],
      }),
    };
  } catch (error) {
    // Some failures come as an event, others (E2BIG, a NUL in an argument) are thrown.
    return { error: failureOf(error) };
  }
}

function failureOf(error: unknown): { code: string; message: string } {
  const message = explainError(error);
  const code = errorCode(error) ?? "EUNKNOWN";
  return { code, message };
}

function treeMarker(
  marker: string | undefined,
): { variable: string; accepts: (value: string) => boolean } | undefined {
  if (marker === undefined) return undefined;
  return { variable: OWNER_VARIABLE, accepts: (value) => value === marker };
}
