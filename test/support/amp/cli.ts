import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { TemporaryHome } from "../sandbox.ts";

/** A line of a conversation with the CLI; what is no JSON is a string. */
export interface TranscriptLine {
  readonly from: "client" | "cli";
  readonly line: unknown;
}

/** How the CLI is started. */
export interface AmpCliOptions {
  /** The command, and what stands before the arguments. */
  command: readonly string[];
  home: TemporaryHome;
  /** The base URL of the scripted server. */
  url: string;
  args?: readonly string[];
  env?: Record<string, string>;
  key?: string | undefined;
  /** What the user has configured: the file's text. */
  settings?: string;
}

/** A bare client of the real CLI: it sends what a test says and keeps every line. */
export class AmpCli implements AsyncDisposable {
  readonly transcript: TranscriptLine[] = [];
  readonly exited: Promise<{ code: number | undefined; signal: string | undefined }>;
  stderr = "";
  readonly #child;
  readonly #bell = new EventEmitter().setMaxListeners(0);

  constructor({
    command,
    home,
    url,
    args = [],
    env = {},
    key = "sgamp_user_dummy",
  }: AmpCliOptions) {
    const [file = "amp", ...before] = command;
    this.#child = execa(
      file,
      [
        ...before,
        ...args,
        "--execute",
        "--stream-json-thinking",
        "--stream-json-input",
        "--no-ide",
      ],
      {
        cwd: home.work,
        env: {
          ...home.env,
          AMP_URL: url,
          ...(key !== "" && { AMP_API_KEY: key }),
          AMP_SKIP_UPDATE_CHECK: "1",
          ...env,
        },
        extendEnv: false,
        reject: false,
        buffer: false,
      },
    );
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    createInterface({ input: this.#child.stdout }).on("line", (text) => {
      this.#keep({ from: "cli", line: parse(text) });
    });
    this.exited = this.#child.then(({ exitCode, signal }) => {
      this.#bell.emit("line");
      return { code: exitCode, signal };
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  say(text: string, more: object[] = []): void {
    const content = [...more, { type: "text", text }];
    this.send({ type: "user", message: { role: "user", content } });
  }

  send(line: unknown): void {
    this.#keep({ from: "client", line });
    this.#child.stdin.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  }

  /** Ends its input. */
  end(): void {
    this.#child.stdin.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The first line of the CLI after `since` that is accepted. */
  async first(
    accepts: (line: Record<string, unknown>) => boolean,
    since = 0,
    signal: AbortSignal = AbortSignal.timeout(60_000),
  ): Promise<Record<string, unknown>> {
    for (let at = since; ; at += 1) {
      while (at >= this.transcript.length) await once(this.#bell, "line", { signal });
      const entry = this.transcript[at];
      if (entry?.from !== "cli" || typeof entry.line !== "object" || !entry.line) continue;
      const line = entry.line as Record<string, unknown>;
      if (accepts(line)) return line;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const over = await Promise.race([this.exited.then(() => true), sleep(3000, false)]);
    if (!over) this.#child.kill("SIGKILL");
    await this.exited;
  }

  #keep(entry: TranscriptLine): void {
    this.transcript.push(entry);
    this.#bell.emit("line");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
