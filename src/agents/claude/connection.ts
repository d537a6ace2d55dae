import { randomUUID } from "node:crypto";
import type { AgentOutput, AgentSession, OpenOptions, Prompt } from "../agent.ts";
import { KnownFiles } from "../file-facts.ts";
import { Bell } from "../../io/bell.ts";
import type { Exit } from "../../io/child.ts";
import type { Line } from "../../io/lines.ts";
import { Rest } from "../../io/rest.ts";
import type { StderrOutput } from "../../schema/event.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { invalidRequest } from "../../schema/problem.ts";
import { toPermissionDecision, toQuestionDecision, type ToolDecision } from "./ask.ts";
import { brokenTurn, exitOutputs, StartError, startOutputs, stderrText } from "./exit.ts";
import { type Beginning, launchArguments, shouldBeginOtherwise } from "./launch.ts";
import { isRecord, readLines } from "../json-line.ts";
import { leftBehindNotice } from "../left-behind.ts";
import { LOCATION, typeOf } from "./line.ts";
import { ClaudeProcess } from "./process.ts";
import { toUserContent } from "./prompt.ts";
import { userItem } from "../user-message.ts";
import { hasRecord } from "./record.ts";
import { claudeInstructions } from "./instructions.ts";
import { CanUseTool, ControlRequestLine, InterruptResponse } from "./protocol.ts";
import { Translator } from "./translate.ts";

/** How long an interrupted turn may take to end by itself before its process is ended. */
const INTERRUPT_MS = 5_000;
/** How long an idle process may take to leave once its input is closed; 0.03 s seen of 2.1.330. */
const LEAVE_MS = 2_000;

/**
 * One conversation with Claude Code: one process that is kept from turn to turn, started with the
 * first message, and again, resuming, with the first message after it has gone.
 */
export class ClaudeSession implements AgentSession {
  readonly nativeSessionId: string = randomUUID();
  readonly #options: OpenOptions & { executable: string };
  readonly #translator: Translator;
  /** What the CLI waits for, by request id. */
  readonly #asks = new Map<string, CanUseTool>();
  /** Rung when a turn has ended. */
  readonly #idle = new Bell();
  #process: ClaudeProcess | undefined;
  /** The process that has been given the running turn. */
  #worker: ClaudeProcess | undefined;
  /** The message that a kept process was given and has not said a word about. */
  #unheard: Prompt | undefined;
  /** Resolves when the present process has gone and the end of its turn has been told. */
  #gone: Promise<void> = Promise.resolve();
  #handOver: Promise<void> = Promise.resolve();
  /** The last attempt at an interrupt; settled at the latest when the process has gone. */
  #asked: Promise<void> = Promise.resolve();
  /** Ends the process when it has been idle for long. */
  readonly #rest = new Rest();
  #messages = 0;
  #uuid = "";
  /** The CLI has a record of the session; `complete` once a turn of it has ended. */
  #record: "none" | "begun" | "complete" = "none";
  #stopping = false;
  #disposed = false;

  constructor(options: OpenOptions & { executable: string }) {
    this.#options = options;
    this.#translator = new Translator(options.directory, new KnownFiles());
  }

  async startTurn(prompt: Prompt): Promise<void> {
    this.#rest.end();
    this.#stopping = this.#disposed;
    this.#uuid = randomUUID();
    this.#emit({
      type: "item.completed",
      item: userItem(`user_${++this.#messages}`, prompt),
      synthetic: true,
    });
    this.#translator.beginTurn(this.#uuid);
    this.#handOver = this.#send(prompt);
    await this.#handOver;
  }

  async interrupt(): Promise<void> {
    if (!this.#translator.inTurn) return;
    this.#stopping = true;
    const turn = this.#messages;
    // The next one begins as soon as this one has ended.
    const runs = () => this.#translator.inTurn && turn === this.#messages;
    const deadline = AbortSignal.timeout(INTERRUPT_MS);
    this.#asked = this.#askToStop(() => runs() && !deadline.aborted);
    while (runs() && !deadline.aborted) await this.#idle.wait({ signal: deadline });
    if (!runs()) return;
    await this.#process?.end(0);
    await this.#gone;
  }

  async replyPermission(id: string, reply: PermissionReply): Promise<void> {
    await this.#decide(id, (ask) => toPermissionDecision(ask, reply));
  }

  async replyQuestion(id: string, answers: string[][] | null): Promise<void> {
    await this.#decide(id, (ask) => toQuestionDecision(ask, answers));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#stopping = true;
    this.#rest.end();
    await this.#process?.end(this.#translator.inTurn ? 0 : LEAVE_MS);
    await this.#handOver;
    await this.#gone;
    await this.#asked;
  }

  /** Hands the message over; whatever fails ends the turn and the process. */
  async #send(prompt: Prompt): Promise<void> {
    this.#worker = undefined;
    const kept = this.#process;
    try {
      const process = await this.#ready();
      this.#worker = process;
      this.#unheard = process === kept ? prompt : undefined;
      const content = await toUserContent(prompt);
      await process.write({
        type: "user",
        message: { role: "user", content },
        parent_tool_use_id: null,
        session_id: "",
        uuid: this.#uuid,
      });
    } catch (cause) {
      // A process that had the turn has ended it by its exit, or given it to the next.
      const given = this.#worker !== undefined;
      await this.#process?.end(0);
      await this.#gone;
      if (!given && this.#translator.abandonTurn())
        this.#emit(...startOutputs(cause, this.#stopping));
      this.#idle.ring();
    }
  }

  /** The process that takes the next message: the one that is there, or a new one. */
  async #ready(): Promise<ClaudeProcess> {
    if (this.#process?.running === false) await this.#gone;
    if (this.#process) return this.#process;
    const beginnings: Beginning[] = this.#record === "none" ? ["new", "resume"] : ["resume", "new"];
    const { directory, repositorySettings } = this.#options;
    const env = await this.#options.freshEnv();
    const instructions =
      repositorySettings === "ignore" ? await claudeInstructions(directory) : undefined;
    for (const beginning of beginnings) {
      if (this.#stopping) break;
      const process = this.#start(beginning, env);
      try {
        await process.initialize(instructions);
        return process;
      } catch (cause) {
        await process.end(0);
        const exit = await process.exited;
        const { stderr } = process;
        const other = shouldBeginOtherwise(beginning, stderrText(stderr));
        const lost = other && beginning === "resume" && this.#record === "complete";
        if (!other || lost) throw new StartError(exit, stderr, lost, { cause });
      }
    }
    throw new StartError({ code: null, signal: null }, { truncated: false });
  }

  #start(beginning: Beginning, env: Record<string, string>): ClaudeProcess {
    const { executable, directory, startChild } = this.#options;
    const process: ClaudeProcess = new ClaudeProcess({
      executable,
      args: launchArguments(
        this.#options,
        this.nativeSessionId,
        beginning,
        this.#translator.settings.permissionMode,
      ),
      directory,
      env,
      startChild,
      onLines: (lines) => this.#read(process, lines),
    });
    this.#translator.restart();
    this.#process = process;
    this.#gone = this.#attend(process);
    return process;
  }

  /** Waits for the end of a process and tells what it means for the turn. */
  async #attend(process: ClaudeProcess): Promise<void> {
    const exit = await process.exited;
    this.#rest.end();
    // A background task may have asked, whose request no turn's end closes.
    for (const id of this.#asks.keys()) this.#emit({ type: "request.withdrawn", id });
    this.#asks.clear();
    // Its commands outlive it where it could not end them itself (2.1.330, after SIGKILL).
    await process.end(0);
    this.#emit(...leftBehindNotice(process.endedLeftBehind));
    if (this.#process === process) this.#process = undefined;
    if (this.#worker === process) this.#loseTurn(exit, process.stderr);
    this.#idle.ring();
  }

  /** The process that had the turn has gone: the turn failed, or has not begun yet. */
  #loseTurn(exit: Exit, stderr: StderrOutput): void {
    const prompt = this.#unheard;
    this.#unheard = undefined;
    // It was on its way out when it was given the message: that is the next one's to answer.
    if (prompt && !this.#stopping) this.#handOver = this.#send(prompt);
    else if (this.#translator.abandonTurn()) {
      this.#emit(...exitOutputs(exit, stderr, this.#stopping));
    }
  }

  #read(process: ClaudeProcess, lines: Line[]): void {
    this.#unheard = undefined;
    const outputs = readLines(lines, {
      location: LOCATION,
      take: (value, raw) => {
        if (process.ready) return this.#take(process, value, raw);
        process.settle(value);
        return [];
      },
      passOver: ({ unparsed, outline }) => [unparsed, ...this.#passOver(process, outline)],
    });
    if (outputs.length > 0) this.#options.emit(outputs);
    if (this.#translator.inTurn) return;
    this.#idle.ring();
    this.#restLater(process);
  }

  /** Lets the process go when it has had nothing to do for a while: the next message resumes. */
  #restLater(process: ClaudeProcess): void {
    this.#rest.end();
    const { idleMs, env } = this.#options;
    const { doneAt } = this.#translator.background;
    if (idleMs === 0 || doneAt === Infinity || this.#asks.size > 0 || !process.running) return;
    this.#rest.begin(Math.max(idleMs, doneAt - performance.now()), async () => {
      const kept = await hasRecord(env, this.nativeSessionId);
      const hasLeftBehind = await process.hasLeftBehind();
      // A user's turn calls this off; what the agent begins by itself does not.
      if (!kept || !this.#hasNothingToDo()) return;
      // A server that the user has asked for would end with it.
      if (hasLeftBehind) this.#restLater(process);
      else await process.end(LEAVE_MS);
    });
  }

  #hasNothingToDo(): boolean {
    const { inTurn, background } = this.#translator;
    return !inTurn && this.#asks.size === 0 && background.doneAt <= performance.now();
  }

  #take(process: ClaudeProcess, value: unknown, raw: string): AgentOutput[] {
    process.settle(value);
    if (typeOf(value) === "control_request") this.#hear(process, value);
    const outputs = this.#translator.translate(value, raw);
    for (const output of outputs) {
      if (output.type === "native_session") this.#record = "begun";
      if (output.type === "turn.ended") this.#record = "complete";
      if (output.type === "request.withdrawn") this.#asks.delete(output.id);
    }
    return outputs;
  }

  /** Rejects the request, or ends the turn, of a line that cannot be handled. */
  #passOver(process: ClaudeProcess, outline: unknown): AgentOutput[] {
    if (!isRecord(outline)) return [];
    const { type, request_id } = outline;
    if (type === "control_request" && typeof request_id === "string") {
      this.#asks.delete(request_id);
      process.refuse(request_id, "a request that the daemon cannot handle");
    }
    if (type !== "result" || !this.#translator.abandonTurn()) return [];
    // Only a new process is certain to be at rest too.
    void process.end(0);
    return brokenTurn(this.#stopping);
  }

  /** Keeps a permission request until it is answered; answers any other request at once. */
  #hear(process: ClaudeProcess, value: unknown): void {
    const request = ControlRequestLine.safeParse(value);
    if (!request.success) return;
    const { request_id } = request.data;
    const ask = CanUseTool.safeParse(request.data.request);
    if (ask.success) this.#asks.set(request_id, ask.data);
    else if (this.#translator.directories.note(request.data.request)) process.passHook(request_id);
    else process.refuse(request_id, request.data.request.subtype);
  }

  /** Asks the CLI to stop; a message it has not begun to work on is taken back. */
  async #askToStop(isWanted: () => boolean): Promise<void> {
    try {
      const starting = this.#process;
      if (starting && !starting.ready) await starting.end(0);
      await this.#handOver;
      const process = this.#process;
      if (!process || !isWanted()) return;
      const message_uuid = this.#uuid;
      const answer = InterruptResponse.parse(await process.request({ subtype: "interrupt" }));
      if (answer.still_queued.includes(message_uuid)) {
        await process.request({ subtype: "cancel_async_message", message_uuid });
      }
    } catch {
      // The process has gone, or refuses: the deadline ends it and with it the turn.
    }
  }

  async #decide(id: string, decision: (ask: CanUseTool) => ToolDecision): Promise<void> {
    const ask = this.#asks.get(id);
    const process = this.#process;
    if (!ask || !process) throw invalidRequest("Claude session is not active");
    await process.write({
      type: "control_response",
      response: { subtype: "success", request_id: id, response: decision(ask) },
    });
    this.#asks.delete(id);
    if (!this.#translator.inTurn) this.#restLater(process);
  }

  #emit(...outputs: AgentOutput[]): void {
    if (outputs.length > 0) this.#options.emit(outputs);
  }
}
