import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { z } from "zod";
import type { TemporaryHome } from "../../support/sandbox.ts";

const Line = z.looseObject({
  type: z.string(),
  subtype: z.string().optional(),
  state: z.string().optional(),
  command_uuid: z.string().optional(),
  request_id: z.string().optional(),
  parent_tool_use_id: z.string().nullish(),
  request: z
    .looseObject({
      subtype: z.string(),
      input: z.unknown(),
      permission_suggestions: z.array(z.looseObject({ type: z.string() })).optional(),
    })
    .optional(),
  response: z.looseObject({ request_id: z.string().optional(), subtype: z.string() }).optional(),
});

/** The members of a printed line that a scenario looks at. */
export type ClaudeLine = z.infer<typeof Line>;

/** Makes the answer to a permission request; `undefined` leaves the request open. */
export type Answer = (request: NonNullable<ClaudeLine["request"]>) => object | undefined;

/** The settings of one process of Claude Code. */
export interface ClaudeOptions {
  readonly path: string;
  readonly home: TemporaryHome;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** The answers to the permission requests, in order; the last one repeats. */
  readonly answers: readonly Answer[];
}

const ARGUMENTS = [
  "--print",
  "--input-format",
  "stream-json",
  "--output-format",
  "stream-json",
  "--verbose",
  "--include-partial-messages",
  "--permission-prompt-tool",
  "stdio",
];

/** A bare client of a real Claude Code: sends what a scenario says and keeps every printed line. */
export class ClaudeClient implements AsyncDisposable {
  /** The printed lines, oldest first. */
  readonly lines: string[] = [];
  readonly exited: Promise<void>;
  readonly #parsed: ClaudeLine[] = [];
  readonly #printed = new EventEmitter().setMaxListeners(0);
  readonly #gone = new AbortController();
  readonly #child;
  readonly #answers: Answer[];

  constructor({ path, home, env, args, answers }: ClaudeOptions) {
    this.#answers = [...answers];
    this.#child = execa(path, [...ARGUMENTS, ...args], {
      cwd: home.work,
      env: { ...home.env, ...env },
      extendEnv: false,
      reject: false,
      buffer: false,
    });
    this.#child.stderr.resume();
    const output = createInterface({ input: this.#child.stdout });
    output.on("line", (text) => this.#read(text));
    this.exited = Promise.all([this.#child, once(output, "close")]).then(() =>
      this.#gone.abort(new Error("The process has exited.")),
    );
  }

  /** Sends a user message and returns its id. */
  say(content: unknown, { identified = true } = {}): string {
    const uuid = randomUUID();
    const message = { role: "user", content };
    this.send({ type: "user", message, parent_tool_use_id: null, ...(identified && { uuid }) });
    return uuid;
  }

  /** Sends a control request and waits for its response. */
  async request(request: { subtype: string; [member: string]: unknown }): Promise<void> {
    const id = this.post(request);
    await this.first(
      ({ type, response }) => type === "control_response" && response?.request_id === id,
    );
  }

  /** Sends a control request without waiting, and returns its id. */
  post(request: { subtype: string; [member: string]: unknown }): string {
    const request_id = randomUUID();
    this.send({ type: "control_request", request_id, request });
    return request_id;
  }

  /** Sends a user message and waits until its turn has ended. */
  async turn(content: unknown): Promise<void> {
    await this.turnEnd(this.say(content));
  }

  /** Waits until the CLI has completed or cancelled a message, and has printed a result for it. */
  async turnEnd(uuid: string): Promise<void> {
    await this.first(
      ({ type, command_uuid, state = "" }) =>
        type === "command_lifecycle" &&
        command_uuid === uuid &&
        ["completed", "cancelled"].includes(state),
    );
  }

  /** Waits until a number of results have been printed. */
  async results(count: number): Promise<void> {
    let seen = 0;
    await this.first(({ type }) => type === "result" && (seen += 1) === count);
  }

  /** Waits for a permission request that has not been answered automatically. */
  async asked(count = 1): Promise<ClaudeLine> {
    let seen = 0;
    return this.first(({ type }) => type === "control_request" && (seen += 1) === count);
  }

  /** Answers a permission request; an answer may leave it open. */
  answer({ request_id, request }: ClaudeLine, answer: Answer): void {
    const response = request && answer(request);
    if (!response) return;
    this.send({ type: "control_response", response: { subtype: "success", request_id, response } });
  }

  /**
   * The first line that is accepted, from the first printed line on.
   *
   * @throws when the process exits before.
   */
  async first(accepts: (line: ClaudeLine) => boolean, timeoutMs = 60_000): Promise<ClaudeLine> {
    const signal = AbortSignal.any([this.#gone.signal, AbortSignal.timeout(timeoutMs)]);
    for (let at = 0; ; at += 1) {
      while (at >= this.#parsed.length) await once(this.#printed, "line", { signal });
      const line = this.#parsed[at];
      if (line && accepts(line)) return line;
    }
  }

  send(line: object): void {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  /** Closes the input. */
  end(): void {
    this.#child.stdin.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    const hasExited = await Promise.race([this.exited.then(() => true), sleep(10_000, false)]);
    if (!hasExited) this.#child.kill("SIGKILL");
    await this.exited;
  }

  #read(text: string): void {
    const line = Line.parse(JSON.parse(text));
    this.lines.push(text);
    this.#parsed.push(line);
    this.#printed.emit("line");
    if (line.type !== "control_request") return;
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    if (answer) this.answer(line, answer);
  }
}
