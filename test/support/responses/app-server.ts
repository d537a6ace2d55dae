import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { z } from "zod";
import type { TemporaryHome } from "../sandbox.ts";

/** A message of the JSON-RPC dialect of `codex app-server`, either way. */
export interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A line of a conversation with `codex app-server`. */
export interface TranscriptLine {
  readonly from: "server" | "client";
  readonly line: Message;
}

/** How a `codex app-server` is started and answered. */
export interface AppServerOptions {
  /** The executable. */
  path: string;
  home: TemporaryHome;
  /** The base URL of the scripted Responses API. */
  baseUrl: string;
  /** More settings, as `-c` takes them. */
  settings?: Readonly<Record<string, string>>;
  /** The variable that holds the key of the model; `null` leaves it out. */
  key?: string | null;
  /** The result for a request of the server; none leaves the request open. */
  answer?: (request: Message) => Record<string, unknown> | undefined;
}

/** The settings with which Codex talks to a scripted model and to nobody else. */
export function codexSettings(baseUrl: string): Record<string, string> {
  const provider = "model_providers.scripted";
  return {
    model: '"gpt-5.5"',
    model_provider: '"scripted"',
    [`${provider}.name`]: '"Scripted"',
    [`${provider}.base_url`]: JSON.stringify(baseUrl),
    [`${provider}.wire_api`]: '"responses"',
    [`${provider}.env_key`]: '"SCRIPTED_API_KEY"',
    [`${provider}.request_max_retries`]: "2",
    [`${provider}.stream_max_retries`]: "2",
    check_for_update_on_startup: "false",
    "analytics.enabled": "false",
    "features.plugins": "false",
    "features.apps": "false",
    "features.remote_plugin": "false",
    "features.default_mode_request_user_input": "true",
    "tools.update_plan.enabled": "true",
    // The sandbox would leave empty folders of its own in /tmp.
    "sandbox_workspace_write.exclude_slash_tmp": "true",
  };
}

/** A bare client of a real `codex app-server`: it sends what a test says and keeps every line. */
export class AppServer implements AsyncDisposable {
  readonly transcript: TranscriptLine[] = [];
  readonly #child;
  readonly #bell = new EventEmitter().setMaxListeners(0);
  #lastId = 0;

  constructor({ path, home, baseUrl, settings = {}, key = "sk-dummy", answer }: AppServerOptions) {
    const flags = Object.entries({ ...codexSettings(baseUrl), ...settings });
    const args = flags.flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    this.#child = execa(path, ["app-server", ...args], {
      cwd: home.work,
      env: { ...home.env, ...(key !== null && { SCRIPTED_API_KEY: key }), RUST_LOG: "error" },
      extendEnv: false,
      reject: false,
      buffer: false,
    });
    this.#child.stderr.resume();
    createInterface({ input: this.#child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Message;
      this.#keep({ from: "server", line });
      const { id, method } = line;
      if (id === undefined || method === undefined) return;
      const result = answer?.(line);
      if (result) this.send({ id, result });
    });
  }

  /** Introduces the client. */
  async initialize(): Promise<void> {
    const clientInfo = { name: "tests", title: "Tests", version: "1.0.0" };
    await this.call("initialize", { clientInfo, capabilities: { experimentalApi: true } });
    this.send({ method: "initialized" });
  }

  /** Begins a thread and gives its id. */
  async startThread(params: Record<string, unknown>): Promise<string> {
    return idOf((await this.call("thread/start", params))["thread"]);
  }

  /** Begins a turn with one text and gives its id. */
  async startTurn(threadId: string, text: string, more: Record<string, unknown> = {}) {
    const input = [{ type: "text", text, text_elements: [] }];
    return idOf((await this.call("turn/start", { threadId, input, ...more }))["turn"]);
  }

  /** Resolves with how a turn ended. */
  async turnEnd(turnId: string, signal?: AbortSignal): Promise<unknown> {
    const isEnd = ({ method, params }: Message) =>
      method === "turn/completed" && idOf(params?.["turn"]) === turnId;
    return (await this.first(isEnd, signal)).params?.["turn"];
  }

  /** Sends a request and gives its result; an error is thrown. */
  async call(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.send({ id, method, params });
    // The server numbers its own requests as well; those have a method.
    const answer = await this.first((line) => line.method === undefined && line.id === id);
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result ?? {};
  }

  send(line: Message): void {
    this.#keep({ from: "client", line });
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  /** The first message of the server, of those already read after `since` too, that is accepted. */
  async first(
    accepts: (message: Message) => boolean,
    signal: AbortSignal = AbortSignal.timeout(60_000),
    since = 0,
  ): Promise<Message> {
    for (let at = since; ; at += 1) {
      while (at >= this.transcript.length) await once(this.#bell, "line", { signal });
      const entry = this.transcript[at];
      if (entry?.from === "server" && accepts(entry.line)) return entry.line;
    }
  }

  /** Ends the process with a signal and waits until it has exited. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const isOver = await Promise.race([this.#child.then(() => true), sleep(5000, false)]);
    if (!isOver) this.#child.kill("SIGKILL");
    await this.#child;
  }

  #keep(entry: TranscriptLine): void {
    this.transcript.push(entry);
    this.#bell.emit("line");
  }
}

function idOf(value: unknown): string {
  return z.looseObject({ id: z.string() }).parse(value).id;
}
