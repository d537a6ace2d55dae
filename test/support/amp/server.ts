import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { Gates, type WaitOptions } from "../gates.ts";
import { type HttpError, reply, type Reply, type Step } from "../model-script.ts";
import type { AmpRequest, ToldRun } from "./request.ts";
import { ampScenarios } from "./scenarios.ts";
import { AmpThread } from "./thread.ts";
import { WebSocketPeer } from "./websocket.ts";

const keptRequests = 200;

const user = {
  id: "user_1",
  username: "dev",
  email: "dev@example.com",
  siteAdmin: false,
  features: [],
  team: null,
  mysteriousMessage: null,
};

const tailBody = z.object({ params: z.object({ thread: z.string() }) });
const actorBody = z.looseObject({ threadId: z.string().nullish() });

/** The steps of a thread after one user text; the last one repeats. */
export type AmpScript = readonly Step[] | ((request: AmpRequest) => readonly Step[]);

/** A scripted stand-in for Amp's server, where the agent loop runs, on a loopback port. */
export class AmpServer implements AsyncDisposable {
  /** The newest requests to the model, oldest first. */
  readonly requests: AmpRequest[] = [];
  /** The keys with which it was called. */
  readonly keys = new Set<string>();
  /** What `POST /api/...` answers instead of what was asked for, by a piece of the URL. */
  readonly failures = new Map<string, number>();
  readonly #server = createServer((request, response) => this.#accept(request, response));
  readonly #gates = new Gates();
  readonly #closing = new AbortController();
  readonly #answers = new Set<Promise<void>>();
  readonly #threads = new Map<string, AmpThread>();
  readonly #peers = new Set<WebSocketPeer>();
  readonly #scripts: Map<string, AmpScript>;
  readonly #attempts = new Map<string, number>();
  #numbered = 0;
  #url = "";

  constructor(scripts: Record<string, AmpScript>) {
    this.#scripts = new Map(Object.entries(scripts));
    this.#server.on("upgrade", (request, socket) => this.#open(request, socket));
  }

  /** The base URL, as `AMP_URL` wants it. */
  get url(): string {
    return this.#url;
  }

  /** Sets what the model does after a user text that holds `@@name@@`. */
  script(name: string, script: AmpScript): void {
    this.#scripts.set(name, script);
  }

  /** Resolves when an answer waits at `hold(name)`; fails after 20 s if no signal says otherwise. */
  reached(name: string, options: WaitOptions & { times?: number } = {}): Promise<void> {
    return this.#gates.reached(name, options);
  }

  /** Lets the answers that wait at `hold(name)`, and all later ones, go on. */
  release(name: string): void {
    this.#gates.release(name);
  }

  /** What the model was told about its tool calls, oldest first. */
  toolResults(): ToldRun[] {
    return [...this.#threads.values()].flatMap(({ messages }) =>
      messages.flatMap(({ content }) =>
        content.flatMap(({ type, toolUseID, run }) => {
          if (type !== "tool_result") return [];
          const status = String((run as { status?: unknown }).status);
          return [{ toolUseId: String(toolUseID), status, text: JSON.stringify(run) }];
        }),
      ),
    );
  }

  /** Forgets a thread, as the server does of one that its user has deleted. */
  forget(threadId: string): void {
    this.#threads.delete(threadId);
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#server.close();
    this.#server.closeAllConnections();
    for (const peer of this.#peers) peer.destroy();
    await Promise.all([
      ...this.#answers,
      ...Array.from(this.#threads.values(), ({ idle }) => idle),
    ]);
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    const answer = this.#answer(request, response)
      .catch(() => void response.destroy())
      .finally(() => this.#answers.delete(answer));
    this.#answers.add(answer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { authorization } = request.headers;
    if (authorization !== undefined) this.keys.add(authorization);
    const url = request.url ?? "/";
    const { pathname, search } = new URL(url, "http://localhost");
    const failing = [...this.failures].find(([piece]) => url.includes(piece));
    if (failing) return sendJson(response, { error: "scripted failure" }, failing[1]);
    if (pathname === "/api/internal") {
      return sendJson(response, this.#internal(search.slice(1).split("&")[0] ?? "", body));
    }
    if (pathname.startsWith("/api/thread-actors")) {
      return sendJson(response, this.#actor(pathname.split("/")[3], body));
    }
    if (pathname.includes("/actors/")) return sendJson(response, {});
    sendJson(response, { error: `no route ${pathname}` }, 404);
  }

  #internal(method: string, body: string): unknown {
    switch (method) {
      case "getUserInfo":
        return { ok: true, result: user };
      case "loadPlugins":
        return { ok: true, result: [] };
      case "loadSkills":
        return { ok: true, result: { skills: [], errors: [], removed: [] } };
      case "getThread":
      case "getThreadTail": {
        const { thread: id } = tailBody.parse(JSON.parse(body)).params;
        const thread = this.#threads.get(id);
        const error = { code: "thread-not-found", message: "Thread not found" };
        return thread ? { ok: true, result: tailOf(thread) } : { ok: false, error };
      }
      default:
        return { ok: true, result: {} };
    }
  }

  #actor(named: string | undefined, body: string): unknown {
    const asked = actorBody.parse(JSON.parse(body === "" ? "{}" : body));
    const id = named ?? asked.threadId ?? `T-${randomUUID()}`;
    const thread = this.#thread(id);
    return {
      threadId: id,
      wsToken: "token",
      ownerUserId: user.id,
      threadVersion: thread.version,
      poolName: "pool",
      usesThreadActors: true,
    };
  }

  #open(request: IncomingMessage, socket: import("node:stream").Duplex): void {
    const id = new URL(request.url ?? "/", "http://localhost").searchParams.get("rvt-key");
    const thread = this.#thread(id ?? "");
    const peer: WebSocketPeer = new WebSocketPeer(request, socket, (said) =>
      thread.take(peer, said),
    );
    this.#peers.add(peer);
    void peer.closed.then(() => this.#peers.delete(peer));
    thread.connect(peer, request.headers);
  }

  #thread(id: string): AmpThread {
    const known = this.#threads.get(id);
    if (known) return known;
    const thread = new AmpThread(id, {
      gates: this.#gates,
      signal: this.#closing.signal,
      number: () => (this.#numbered += 1),
      choose: (request) => this.#choose(request),
    });
    this.#threads.set(id, thread);
    return thread;
  }

  #choose(request: AmpRequest): Reply | HttpError | "drop" {
    this.requests.push(request);
    if (this.requests.length > keptRequests) this.requests.shift();
    const script = this.#scripts.get(request.script ?? "") ?? [];
    const steps = typeof script === "function" ? script(request) : script;
    const step = steps[Math.min(request.step, steps.length - 1)];
    return step ? this.#resolve(step, request) : reply("Hello from the scripted model.");
  }

  #resolve(step: Step, request: AmpRequest): Reply | HttpError | "drop" {
    if (step.step === "drop") return "drop";
    if (step.step !== "repeat") return step;
    const { threadId, script, position } = request;
    const key = [threadId, script, position, request.step].join(" ");
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    return this.#resolve(attempt > step.times ? step.after : step.first, request);
  }
}

/** Starts a server that knows the given scripts, by default those for the tools of Amp. */
export async function startAmpServer(
  options: { scripts?: Record<string, AmpScript> } = {},
): Promise<AmpServer> {
  return new AmpServer(options.scripts ?? ampScenarios).listen();
}

function tailOf(thread: AmpThread): unknown {
  const { id, version, messages, mode } = thread;
  return {
    thread: {
      data: {
        v: version,
        id,
        created: Date.now(),
        agentMode: mode,
        messages: [],
        usesThreadActors: true,
        creatorUserID: user.id,
      },
    },
    messages,
    hasMoreBefore: false,
  };
}

function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
}
