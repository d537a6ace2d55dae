import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { z } from "zod";
import { freePort } from "../free-port.ts";
import type { TemporaryHome } from "../sandbox.ts";
import { readSse } from "../sse.ts";
import { opencodeEnv } from "./config.ts";
import { Transcript } from "./transcript.ts";
import type { OpencodeEvent, OpencodeRequest } from "./transcript.ts";

/** How `opencode serve` is started. */
export interface OpencodeOptions {
  /** The executable. */
  path: string;
  home: TemporaryHome;
  /** The base URL of the scripted Messages API; none means that no provider is configured. */
  model?: string;
  /** More configuration, over that of `opencodeEnv`. */
  config?: Record<string, unknown>;
  env?: Record<string, string>;
  /** The key of the model; `null` leaves it out. */
  key?: string | null;
}

const identified = z.looseObject({ id: z.string() });
const assistant = z.looseObject({
  role: z.literal("assistant"),
  time: z.looseObject({ completed: z.number().optional() }),
});

/** A bare client of a real `opencode serve`: it sends what a test says and keeps every line. */
export class Opencode implements AsyncDisposable {
  readonly transcript = new Transcript();
  /** What the server prints, line by line. */
  readonly output: string[] = [];
  readonly url: string;
  readonly #work: string;
  readonly #headers: Record<string, string>;
  readonly #child;
  readonly #printed;
  readonly #closing = new AbortController();
  #reading: Promise<void> = Promise.resolve();

  private constructor({ path, home, model, config, env, key }: OpencodeOptions, port: number) {
    const password = randomBytes(12).toString("hex");
    const credentials = Buffer.from(`opencode:${password}`).toString("base64");
    this.url = `http://127.0.0.1:${port}`;
    this.#headers = { authorization: `Basic ${credentials}` };
    this.#work = home.work;
    this.#child = execa(path, ["serve", "--hostname", "127.0.0.1", "--port", String(port)], {
      cwd: home.work,
      env: {
        ...home.env,
        ...opencodeEnv(model, config, key),
        OPENCODE_SERVER_PASSWORD: password,
        ...env,
      },
      extendEnv: false,
      reject: false,
      buffer: false,
      stdin: "ignore",
      all: true,
    });
    this.#printed = createInterface({ input: this.#child.all });
    this.#printed.on("line", (line) => this.output.push(line));
  }

  /** Starts a server and opens its stream of all events. */
  static async start(options: OpencodeOptions): Promise<Opencode> {
    // Port 0 would mean 4096 to OpenCode, while that is free; `fetch` would then send the first request
    // to the next server into a connection to the one before.
    const server = new Opencode(options, await freePort());
    try {
      await server.#connect();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw new Error(`OpenCode did not start: ${server.output.join("\n")}`, { cause: error });
    }
  }

  /** Makes a session and gives its id. */
  async createSession(body: Record<string, unknown> = {}): Promise<string> {
    return identified.parse(await this.call("POST", "/session", { body })).id;
  }

  /** Sends a text and answers every permission alike, until the session is idle for good. */
  async turn(id: string, text: string, { reply = "once" } = {}): Promise<void> {
    const since = this.transcript.lines.length;
    const parts = [{ type: "text", text }];
    await this.call("POST", `/session/${id}/prompt_async`, { body: { parts } });
    let isAnswered = true;
    for await (const { payload } of this.transcript.follow({ since, timeoutMs: 60_000 })) {
      const { type, properties = {} } = payload;
      if (type === "permission.asked") {
        const path = `/permission/${identified.parse(properties).id}/reply`;
        await this.call("POST", path, { body: { reply } });
      }
      if (properties["sessionID"] !== id) continue;
      // A failed turn is idle twice: before its message is complete, and after it.
      if (type === "session.idle" && isAnswered) return;
      const message = assistant.safeParse(properties["info"]);
      if (message.success) isAnswered = message.data.time.completed !== undefined;
    }
  }

  /** Sends a request and gives the answer's body; a status of 400 or more is thrown. */
  async call(method: string, path: string, options: { body?: unknown; directory?: string } = {}) {
    const { status, body } = await this.send({ method, path, ...options });
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Sends a request and gives the answer, whatever its status. */
  async send(request: OpencodeRequest): Promise<{ status: number; body: unknown }> {
    const { method, path, body, directory = this.#work } = request;
    this.transcript.keep({ from: "client", request: { ...request, directory } });
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...this.#headers,
        "content-type": "application/json",
        "x-opencode-directory": directory,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(60_000)]),
    });
    const answer = { status: response.status, body: parsed(await response.text()) };
    this.transcript.keep({ from: "server", ...answer });
    return answer;
  }

  /** Ends the server with a signal and waits until it is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#closing.abort();
    this.#child.kill(signal);
    await this.#reading;
    await this.#child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isOver = await Promise.race([this.kill("SIGTERM").then(() => true), sleep(5000, false)]);
    if (!isOver) await this.kill("SIGKILL");
  }

  async #connect(): Promise<void> {
    const signal = AbortSignal.timeout(60_000);
    const ended = this.#child.then(({ exitCode }) => Promise.reject(new Error(`exit ${exitCode}`)));
    ended.catch(() => {});
    while (!this.output.some((line) => line.includes(` listening on ${this.url}`))) {
      await Promise.race([once(this.#printed, "line", { signal }), ended]);
    }
    const reading = this.#read();
    this.#reading = reading.catch(() => {});
    const isConnected = ({ payload }: OpencodeEvent) => payload.type === "server.connected";
    await Promise.race([reading, this.transcript.first(isConnected), ended]);
  }

  async #read(): Promise<void> {
    const signal = this.#closing.signal;
    const frames = readSse(`${this.url}/global/event`, { headers: this.#headers, signal });
    for await (const { data } of frames) {
      if (data === undefined) continue;
      this.transcript.keep({ from: "event", event: JSON.parse(data) as OpencodeEvent });
    }
  }
}

function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
