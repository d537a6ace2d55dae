import { randomUUID } from "node:crypto";
import type { OpenOptions } from "../agent.ts";
import { type Child, ChildGone, type Exit } from "../../io/child.ts";
import type { LeftBehind } from "../../io/left-behind.ts";
import type { Line } from "../../io/lines.ts";
import { typeOf } from "./line.ts";
import { ControlResponseLine, InitializeResponse } from "./protocol.ts";
import { DIRECTORY_HOOKS } from "./working-directories.ts";

/** The CLI answers `initialize` in about 0.3 s on a small machine (2.1.330). */
const HANDSHAKE_MS = 60_000;

/** What a Claude Code process is started with. */
export interface ClaudeProcessOptions extends Pick<
  OpenOptions,
  "directory" | "env" | "startChild"
> {
  executable: string;
  args: string[];
  /** How long it may take to answer `initialize`. */
  handshakeMs?: number;
  /** Takes what is printed, chunk by chunk. */
  onLines: (lines: Line[]) => void;
}

/** A control request that the CLI refused, did not answer in time or not as expected. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}

/** One running Claude Code: lines in, lines out, and its control requests. */
export class ClaudeProcess {
  readonly exited: Promise<Exit>;
  readonly #child: Child;
  readonly #handshakeMs: number;
  readonly #answers = new Set<Promise<void>>();
  #ready = false;
  #ending = false;
  readonly #pending = new Map<string, PromiseWithResolvers<unknown>>();

  constructor(options: ClaudeProcessOptions) {
    const { executable, args, directory, env, startChild, onLines } = options;
    this.#handshakeMs = options.handshakeMs ?? HANDSHAKE_MS;
    this.#child = startChild({
      file: executable,
      args: [
        "--print",
        "--input-format=stream-json",
        "--output-format=stream-json",
        "--verbose",
        "--include-partial-messages",
        "--forward-subagent-text",
        "--permission-prompt-tool=stdio",
        ...args,
      ],
      cwd: directory,
      env: { ...env, DISABLE_AUTOUPDATER: "1" },
      stdin: "pipe",
      onLines,
    });
    this.exited = this.#child.exited.then((exit) => {
      for (const { reject } of this.#pending.values()) reject(new ChildGone("the agent exited"));
      this.#pending.clear();
      return exit;
    });
  }

  /** What it wrote to stderr, bounded. */
  get stderr(): ReturnType<Child["stderr"]["toJSON"]> {
    return this.#child.stderr.toJSON();
  }

  /** Whether processes run that its commands have left behind. */
  async hasLeftBehind(): Promise<boolean> {
    return (await this.#child.leftBehind()).length > 0;
  }

  /** The processes left behind that were ended together with it. */
  get endedLeftBehind(): readonly LeftBehind[] {
    return this.#child.endedLeftBehind;
  }

  /** Whether it has answered `initialize`. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Whether it takes messages: it is neither being ended nor has gone. */
  get running(): boolean {
    return !this.#ending && this.#child.running;
  }

  /** Says hello and waits for the answer; rejects when it exits or does not answer in time. */
  async initialize(appendSystemPrompt?: string): Promise<InitializeResponse> {
    const hooks = DIRECTORY_HOOKS;
    const answer = this.request({ subtype: "initialize", hooks, appendSystemPrompt });
    const late = AbortSignal.timeout(this.#handshakeMs);
    const timeout = Promise.withResolvers<never>();
    late.addEventListener("abort", () =>
      timeout.reject(new ControlError("no answer to initialize")),
    );
    const hello = InitializeResponse.safeParse(await Promise.race([answer, timeout.promise]));
    if (!hello.success) throw new ControlError("the answer to initialize is not understood");
    this.#ready = true;
    return hello.data;
  }

  /** Sends a control request and resolves with its answer. */
  async request(request: Record<string, unknown>): Promise<unknown> {
    const request_id = randomUUID();
    const pending = Promise.withResolvers<unknown>();
    this.#pending.set(request_id, pending);
    try {
      const written = this.write({ type: "control_request", request_id, request });
      // Together: the process may go, and with it the answer, before the writing has failed.
      const [answer] = await Promise.all([pending.promise, written]);
      return answer;
    } finally {
      this.#pending.delete(request_id);
    }
  }

  /** Settles the control request that this line answers, if it is such a line. */
  settle(line: unknown): void {
    // Nearly every line is another one: a schema for each would cost more than reading it.
    if (typeOf(line) !== "control_response") return;
    const parsed = ControlResponseLine.safeParse(line);
    if (!parsed.success) return;
    const { request_id, subtype, response, error } = parsed.data.response;
    const pending = this.#pending.get(request_id);
    this.#pending.delete(request_id);
    if (subtype === "success") pending?.resolve(response);
    else pending?.reject(new ControlError(error ?? subtype));
  }

  /** Writes one line; resolves when it has been handed over. */
  write(message: unknown): Promise<void> {
    return this.#child.write(JSON.stringify(message));
  }

  /** Answers a request of the CLI that no client of ours could answer. */
  refuse(request_id: string, subtype: string): void {
    this.#answer({ subtype: "error", request_id, error: `${subtype} is not supported` });
  }

  /** Answers a hook call without an effect on the tool call. */
  passHook(request_id: string): void {
    this.#answer({ subtype: "success", request_id, response: {} });
  }

  #answer(response: object): void {
    const written = this.write({ type: "control_response", response })
      // A process that cannot be written to is about to be reported as gone.
      .catch(() => undefined)
      .finally(() => this.#answers.delete(written));
    this.#answers.add(written);
  }

  /** Ends the process and all it has started; it may first take `graceMs` to leave by itself. */
  async end(graceMs: number): Promise<void> {
    this.#ending = true;
    await this.#child.end({ graceMs });
    await this.exited;
    await Promise.all(this.#answers);
  }
}
