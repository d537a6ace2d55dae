import type { AgentOutput, AgentSession, OpenOptions, Prompt } from "../agent.ts";
import { isRecord, readLines } from "../json-line.ts";
import { leftBehindNotice } from "../left-behind.ts";
import type { SocketQuestion } from "../../io/ask-socket.ts";
import { KnownFiles } from "../file-facts.ts";
import { Bell } from "../../io/bell.ts";
import type { Line } from "../../io/lines.ts";
import { explainError } from "../../io/system-error.ts";
import { Rest } from "../../io/rest.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { Asks } from "./asks.ts";
import { Delegate } from "./delegate.ts";
import { exitOutputs, type Leave } from "./exit.ts";
import { failure, interrupted } from "./outcome.ts";
import type { Probe } from "./probe.ts";
import { AmpProcess } from "./process.ts";
import { toUserContent } from "./prompt.ts";
import { refuseLoaded } from "./repository.ts";
import { withRuntimeFolder } from "./runtime-folder.ts";
import { identifyDirectory } from "../working-directory.ts";
import { userItem } from "../user-message.ts";
import { Translator } from "./translate.ts";

/** How long an interrupted turn may take to end by itself before its process is ended. */
const INTERRUPT_MS = 5_000;
/** How long a process may take to leave once its input is closed; 0.03 s seen of 0.0.1790142911. */
const LEAVE_MS = 2_000;

/** What a session is opened with, and how it learns what the executable can do. */
export interface AmpOptions extends OpenOptions {
  executable: string;
  probe: Probe;
}

/**
 * One thread of Amp: one process that is kept from turn to turn, started with the first message,
 * and again, going on with the thread, with the first message after it has gone. It goes by itself
 * after an error and when it is interrupted.
 */
export class AmpSession implements AgentSession {
  readonly #options: AmpOptions;
  readonly #translator = new Translator(new KnownFiles());
  readonly #asks: Asks;
  #delegate: Delegate | undefined;
  /** Rung when a turn has ended. */
  readonly #idle = new Bell();
  #threadId: string | null = null;
  #process: AmpProcess | undefined;
  /** The identity of the directory in which that process was started. */
  #identity = "";
  /** The process that has been given the running turn. */
  #worker: AmpProcess | undefined;
  /** The message that a kept process was given and has not said a word about. */
  #unheard: Prompt | undefined;
  /** The system has taken that message for the process. */
  #taken = false;
  /** Resolves when the present process has gone and the end of its turn has been told. */
  #gone: Promise<void> = Promise.resolve();
  #handOver: Promise<void> = Promise.resolve();
  /** Ends the process when it has been idle for long. */
  readonly #rest = new Rest();
  #messages = 0;
  #stopping = false;
  #disposed = false;

  private constructor(options: AmpOptions) {
    this.#options = options;
    this.#asks = new Asks({
      directory: options.directory,
      acceptEdits: options.permissionMode === "acceptEdits",
      translator: this.#translator,
      emit: (output) => this.#emit(output),
    });
  }

  static async open(options: AmpOptions): Promise<AmpSession> {
    const session = new AmpSession(options);
    await session.#refuseLoaded();
    if (options.permissionMode !== "bypass") {
      const hear = (question: SocketQuestion) => session.#asks.hear(question);
      session.#delegate = await Delegate.open(options, hear);
    }
    return session;
  }

  get nativeSessionId(): string | null {
    return this.#threadId;
  }

  async startTurn(prompt: Prompt): Promise<void> {
    this.#rest.end();
    this.#stopping = this.#disposed;
    const item = userItem(`user_${++this.#messages}`, prompt);
    this.#emit({ type: "item.completed", item, synthetic: true });
    this.#translator.beginTurn();
    this.#handOver = this.#send(prompt);
    await this.#handOver;
  }

  async interrupt(): Promise<void> {
    if (!this.#translator.inTurn) return;
    const turn = this.#messages;
    // The next one begins as soon as this one has ended.
    const runs = () => this.#translator.inTurn && turn === this.#messages;
    this.#stop();
    const deadline = AbortSignal.timeout(INTERRUPT_MS);
    this.#process?.interrupt();
    // The older CLI leaves only when the program that asks has its answer (0.0.1769425000).
    this.#asks.refuseAll();
    while (runs() && !deadline.aborted) await this.#idle.wait({ signal: deadline });
    if (!runs()) return;
    await this.#process?.end(0);
    await this.#gone;
    await this.#handOver;
  }

  async replyPermission(id: string, reply: PermissionReply): Promise<void> {
    await this.#asks.reply(id, reply);
  }

  async replyQuestion(): Promise<void> {
    throw new Error("Amp asks no questions");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#rest.end();
    const { inTurn } = this.#translator;
    this.#stop();
    // Only so does the server learn that its work is over.
    if (inTurn) this.#process?.interrupt();
    this.#asks.refuseAll();
    await this.#process?.end(LEAVE_MS);
    await this.#handOver;
    await this.#gone;
    await this.#asks[Symbol.asyncDispose]();
    await this.#delegate?.[Symbol.asyncDispose]();
  }

  #stop(): void {
    this.#stopping = true;
    this.#translator.stop();
  }

  /** Hands the message over; whatever fails ends the turn and the process. */
  async #send(prompt: Prompt): Promise<void> {
    this.#worker = undefined;
    const kept = this.#process;
    try {
      const { probe, executable } = this.#options;
      const { serverLoop } = await probe.abilities(executable, this.#options);
      const content = await toUserContent(prompt, serverLoop);
      const process = await this.#ready();
      this.#worker = process;
      this.#unheard = process === kept ? prompt : undefined;
      this.#taken = false;
      await process.write(content);
      this.#taken = true;
    } catch (cause) {
      // A process that had the turn has ended it by its exit, or given it to the next.
      const given = this.#worker !== undefined;
      const left = this.#process;
      left?.leave();
      // Told first: what a process says that is ended is not why the turn has failed.
      if (!given && this.#translator.abandonTurn()) {
        const message = explainError(cause);
        this.#emit(...(this.#stopping ? [interrupted()] : failure("process_start", message)));
      }
      this.#idle.ring();
      await left?.end(given ? LEAVE_MS : 0);
    }
  }

  async #refuseLoaded(): Promise<void> {
    const { directory, repositorySettings, permissionMode, env } = this.#options;
    if (repositorySettings === "use") return;
    await refuseLoaded(directory, env["HOME"], permissionMode === "bypass");
  }

  /** The process that takes the next message: the one that is there, or a new one. */
  async #ready(): Promise<AmpProcess> {
    const identity = await identifyDirectory(this.#options.directory);
    // The files may have come since the session was opened.
    await this.#refuseLoaded();
    await this.#delegate?.check();
    const kept = this.#process;
    // A process whose directory was removed may exit in the middle of a turn (0.0.1790142911).
    if (kept && (!kept.running || identity !== this.#identity)) {
      await kept.end(LEAVE_MS);
      await this.#gone;
    }
    if (this.#process) return this.#process;
    const { probe, executable, directory, startChild, permissionMode, model } = this.#options;
    const env = await withRuntimeFolder(await this.#options.freshEnv(), this.#options);
    const abilities = await probe.abilities(executable, this.#options);
    const settingsFile = await this.#delegate?.settingsFile();
    if (this.#stopping) throw new Error("the turn was stopped before the agent was started");
    const process: AmpProcess = new AmpProcess({
      executable,
      directory,
      env,
      startChild,
      launch: { permissionMode, model, threadId: this.#threadId, settingsFile, abilities },
      onLines: (lines) => this.#read(process, lines),
    });
    this.#translator.restart();
    this.#identity = identity;
    this.#process = process;
    this.#gone = this.#attend(process);
    return process;
  }

  /** Waits for the end of a process and tells what it means for the turn. */
  async #attend(process: AmpProcess): Promise<void> {
    const leave = await process.left();
    this.#rest.end();
    this.#asks.refuseAll();
    // Its commands outlive it where it could not end them itself (0.0.1790142911, after SIGKILL).
    await process.end(0);
    this.#emit(...leftBehindNotice(process.endedLeftBehind));
    if (this.#process === process) this.#process = undefined;
    if (this.#worker === process) this.#loseTurn(leave);
    this.#idle.ring();
  }

  /** The process that had the turn has gone: the turn failed, or has not begun yet. */
  #loseTurn(leave: Leave): void {
    const prompt = this.#unheard;
    this.#unheard = undefined;
    const { usage } = this.#translator;
    // One that was on its way out when it was given the message has not taken it: that is the next
    // one's to answer. One that was killed later may have handed it on: it must not be worked on twice.
    const isLost = !this.#taken || leave.exit.signal === null;
    if (prompt && isLost && !this.#stopping) this.#handOver = this.#send(prompt);
    else if (this.#translator.abandonTurn()) {
      this.#emit(...exitOutputs(leave, this.#stopping, usage));
    }
  }

  #read(process: AmpProcess, lines: Line[]): void {
    // The last words of a process on its way out are not about the turn that the next one is given.
    if (this.#translator.inTurn && this.#worker !== process) return;
    const wasInTurn = this.#translator.inTurn;
    if (lines.length > 0) this.#unheard = undefined;
    const outputs = readLines(lines, {
      location: "amp",
      take: (value, raw) => this.#translator.translate(value, raw),
      passOver: ({ unparsed, outline }) => [unparsed, ...this.#passOver(process, outline)],
    });
    for (const output of outputs) {
      if (output.type === "native_session") this.#threadId = output.id;
      // After an error it goes by itself (0.0.1790142911).
      if (output.type === "error") process.leave();
    }
    if (outputs.length > 0) this.#options.emit(outputs);
    this.#asks.look();
    if (this.#translator.inTurn) return;
    if (wasInTurn) this.#asks.refuseAll();
    this.#idle.ring();
    this.#restLater(process);
  }

  /** Ends the turn when the line that cannot be handled may have been the one that ended it. */
  #passOver(process: AmpProcess, outline: unknown): AgentOutput[] {
    if (!isRecord(outline)) return [];
    const { type, message } = outline;
    const stop = isRecord(message) ? message["stop_reason"] : undefined;
    const ends =
      type === "result" || (type === "assistant" && stop !== null && stop !== "tool_use");
    if (!ends || !this.#translator.abandonTurn()) return [];
    // Only a new process is certain to be at rest too.
    void process.end(0);
    if (this.#stopping) return [interrupted()];
    return failure("protocol", "the line that ended the turn could not be handled");
  }

  /** Lets the process go when it has had nothing to do for a while: the next message goes on. */
  #restLater(process: AmpProcess): void {
    const { idleMs } = this.#options;
    if (idleMs === 0 || !process.running) return;
    this.#rest.begin(idleMs, async () => {
      const hasLeftBehind = await process.hasLeftBehind();
      if (this.#translator.inTurn || this.#process !== process) return;
      // A command in the background would end with it, and so would a server of the user's.
      const hasWork = hasLeftBehind || [...this.#translator.background].some(isAlive);
      if (hasWork) this.#restLater(process);
      else await process.end(LEAVE_MS);
    });
  }

  #emit(...outputs: AgentOutput[]): void {
    if (outputs.length > 0) this.#options.emit(outputs);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
