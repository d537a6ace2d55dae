import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Gates } from "./gates.ts";
import type { WaitOptions } from "./gates.ts";
import { reply } from "./model-script.ts";
import type { HttpError, Reply, Step } from "./model-script.ts";

const keptRequests = 200;

/** A request to the model, and the place in a script that answers it. */
export interface ScriptedRequest {
  /** The name between `@@` in the newest user text that has one. */
  readonly script?: string | undefined;
  /** How many answers of the model the conversation holds since that text. */
  readonly step: number;
  /** Tells the same script at two points of a conversation apart. */
  readonly position: number;
}

/** The steps of a conversation after one user text; the last one repeats. */
export type ScriptFor<R> = readonly Step[] | ((request: R) => readonly Step[]);

/** What one request is answered with. */
export type Answer = Reply | HttpError | "drop";

/** A stand-in for the API of a model on a loopback port, which answers as scripts say. */
export abstract class ScriptedServer<R extends ScriptedRequest> implements AsyncDisposable {
  /** The newest requests that belong to a conversation, oldest first. */
  readonly requests: R[] = [];
  protected readonly server: Server;
  protected readonly gates = new Gates();
  /** Aborted when the server ends. */
  protected readonly closing = new AbortController();
  readonly #answers = new Set<Promise<void>>();
  readonly #scripts: Map<string, ScriptFor<R>>;
  readonly #attempts = new Map<string, number>();
  #numbered = 0;
  #origin = "";

  constructor(scripts: Record<string, ScriptFor<R>>) {
    this.#scripts = new Map(Object.entries(scripts));
    this.server = createServer((request, response) => this.#accept(request, response));
  }

  /** The base URL, as the agent wants it. */
  get url(): string {
    return this.#origin;
  }

  /** Sets what the model does after a user text that holds `@@name@@`. */
  script(name: string, script: ScriptFor<R>): void {
    this.#scripts.set(name, script);
  }

  /** The newest requests of one conversation, oldest first; an agent's own session id names it. */
  requestsOf(conversation: string): R[] {
    return this.requests.filter((request) => this.conversation(request) === conversation);
  }

  /** Resolves when a stream waits at `hold(name)`; fails after a minute unless a signal is given. */
  reached(name: string, options: WaitOptions & { times?: number } = {}): Promise<void> {
    return this.gates.reached(name, options);
  }

  /** Lets the streams that wait at `hold(name)`, and all later ones, go on. */
  release(name: string): void {
    this.gates.release(name);
  }

  async listen(): Promise<this> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.#origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort();
    this.server.close();
    this.server.closeAllConnections();
    await Promise.all(this.#answers);
  }

  /** Answers a request over HTTP. */
  protected abstract answer(request: IncomingMessage, response: ServerResponse): Promise<void>;

  /** Answers with an error of the kind that the API gives. */
  protected abstract refuse(response: ServerResponse, error: Omit<HttpError, "step">): void;

  /** Names the conversation that a request belongs to. */
  protected abstract conversation(request: R): string;

  /** Numbers the requests. */
  protected number(): number {
    return (this.#numbered += 1);
  }

  /** Aborted when nobody waits any more for an answer. */
  protected signalOf(response: ServerResponse): AbortSignal {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    return AbortSignal.any([this.closing.signal, gone.signal]);
  }

  /** What a request of a conversation is answered with. */
  protected choose(request: R): Answer {
    this.requests.push(request);
    if (this.requests.length > keptRequests) this.requests.shift();
    const script = this.#scripts.get(request.script ?? "") ?? [];
    const steps = typeof script === "function" ? script(request) : script;
    const step = steps[Math.min(request.step, steps.length - 1)];
    return step ? this.#resolve(step, request) : reply("Hello from the scripted model.");
  }

  #resolve(step: Step, request: R): Answer {
    if (step.step === "drop") return "drop";
    if (step.step !== "repeat") return step;
    const { script, position } = request;
    const key = [this.conversation(request), script, position, request.step].join(" ");
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    return this.#resolve(attempt > step.times ? step.after : step.first, request);
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    const answer = this.answer(request, response)
      .catch((error: unknown) => {
        // A caller that goes away ends its answer; anything else is a mistake of a script.
        if (!response.destroyed && !this.closing.signal.aborted) {
          this.refuse(response, { status: 500, message: String(error), headers: {} });
        }
      })
      .finally(() => this.#answers.delete(answer));
    this.#answers.add(answer);
  }
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
}

/** Answers with an error, unless an answer has begun: that one is broken off. */
export function sendError(
  response: ServerResponse,
  { status, headers }: Omit<HttpError, "step">,
  body: unknown,
): void {
  if (response.headersSent) return void response.destroy();
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, body, status);
}
