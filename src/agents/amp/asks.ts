import type { AgentOutput } from "../agent.ts";
import type { SocketQuestion } from "../../io/ask-socket.ts";
import { Bell } from "../../io/bell.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { invalidRequest } from "../../schema/problem.ts";
import { acceptsEdits } from "../accepted-edits.ts";
import { AskedCall, textBefore, toPermission } from "./ask.ts";
import { unhandled } from "../json-line.ts";
import { editedPaths } from "./edited-paths.ts";
import type { Translator } from "./translate.ts";
import type { ToolCall } from "./tool-calls.ts";

/** A call is printed before its program asks; the two come by different ways. */
const CALL_MS = 1_000;

const REJECTED = { allow: false, message: "The user rejected this tool call." };
const ENDED = { allow: false, message: "The turn has ended: this tool call is not allowed." };

/** What the calls that ask are asked of. */
export interface AsksOptions {
  directory: string;
  /** Changes of files in the directory are allowed unasked. */
  acceptEdits: boolean;
  translator: Translator;
  emit: (output: AgentOutput) => void;
}

/** The tool calls of a session that wait to be allowed. */
export class Asks implements AsyncDisposable {
  readonly #options: AsksOptions;
  readonly #open = new Map<string, SocketQuestion>();
  /** Rung when the CLI has printed something. */
  readonly #printed = new Bell();
  readonly #tasks = new Set<Promise<void>>();
  #count = 0;

  constructor(options: AsksOptions) {
    this.#options = options;
  }

  /** Takes the question of a delegate program. */
  hear(question: SocketQuestion): void {
    const heard = this.#hear(question).catch(async (cause: unknown) => {
      this.#options.emit(unhandled(cause, "amp"));
      // The program waits for an answer, and the agent for the program.
      await question.answer(ENDED);
    });
    this.#run(heard);
  }

  /** The CLI has printed something: a call may be among it. */
  look(): void {
    this.#printed.ring();
  }

  /** Resolves when the program has its answer; rejects when it has gone. */
  async reply(id: string, reply: PermissionReply): Promise<void> {
    const question = this.#open.get(id);
    if (!question) throw invalidRequest("Amp no longer waits for this permission");
    await question.answer(reply === "reject" ? REJECTED : { allow: true });
    this.#open.delete(id);
  }

  /** Nobody will answer those that are open any more. */
  refuseAll(): void {
    for (const question of this.#open.values()) this.#run(question.answer(ENDED));
    this.#open.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refuseAll();
    this.#printed.ring();
    await Promise.all(this.#tasks);
  }

  async #hear(question: SocketQuestion): Promise<void> {
    const { directory, acceptEdits, translator, emit } = this.#options;
    const parsed = AskedCall.safeParse(question.value);
    if (!parsed.success) return question.answer(ENDED);
    const asked = parsed.data;
    const call = await this.#callOf(asked, question.gone);
    if (question.gone.aborted) return;
    if (!translator.inTurn) return question.answer(ENDED);
    const before = await textBefore(directory, asked, translator.files);
    if (call && before !== undefined) call.before = before;
    const paths = acceptEdits ? editedPaths(asked.tool, asked.input) : undefined;
    const accepted = paths !== undefined && (await acceptsEdits(directory, paths));
    if (question.gone.aborted) return;
    if (!translator.inTurn) return question.answer(ENDED);
    if (accepted) return question.answer({ allow: true });
    const id = `permission_${++this.#count}`;
    this.#open.set(id, question);
    question.gone.addEventListener("abort", () => {
      if (this.#open.delete(id)) emit({ type: "request.withdrawn", id });
    });
    const request = toPermission(id, asked, { call, before, directory });
    // What the program has said for the agent.
    emit({ type: "permission.requested", request, raw: JSON.stringify(question.value) });
  }

  async #callOf({ tool, input, id }: AskedCall, gone: AbortSignal): Promise<ToolCall | undefined> {
    const { translator } = this.#options;
    const signal = AbortSignal.any([gone, AbortSignal.timeout(CALL_MS)]);
    for (;;) {
      const call = translator.calls.claim(tool, input, id);
      if (call || signal.aborted || !translator.inTurn) return call;
      await this.#printed.wait({ signal });
    }
  }

  #run(task: Promise<void>): void {
    const kept = task
      // A program that has gone needs no answer.
      .catch(() => undefined)
      .finally(() => this.#tasks.delete(kept));
    this.#tasks.add(kept);
  }
}
