import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { HttpError } from "../model-script.ts";
import { type ScriptFor, ScriptedServer, sendError, sendJson } from "../scripted-server.ts";
import type { AmpRequest, ToldRun } from "./request.ts";
import { ampScenarios } from "./scenarios.ts";
import { AmpThread } from "./thread.ts";
import { WebSocketPeer } from "./websocket.ts";

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
export type AmpScript = ScriptFor<AmpRequest>;

/** A scripted stand-in for Amp's server, where the agent loop runs, on a loopback port. */
export class AmpServer extends ScriptedServer<AmpRequest> {
  /** The keys with which it was called. */
  readonly keys = new Set<string>();
  /** What `POST /api/...` answers instead of what was asked for, by a piece of the URL. */
  readonly failures = new Map<string, number>();
  readonly #threads = new Map<string, AmpThread>();
  readonly #peers = new Set<WebSocketPeer>();
  /** Takes every message of the sockets, for who wants to look at them. */
  onMessage: ((from: "client", text: string) => void) | undefined;

  constructor(scripts: Record<string, AmpScript>) {
    super(scripts);
    this.server.on("upgrade", (request, socket) => this.#open(request, socket));
  }

  /** The base URL, as `AMP_URL` wants it. */
  override get url(): string {
    return `${super.url}/`;
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

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    for (const peer of this.#peers) peer.destroy();
    await Promise.all(Array.from(this.#threads.values(), ({ idle }) => idle));
  }

  protected override async answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
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

  protected override refuse(response: ServerResponse, error: Omit<HttpError, "step">): void {
    sendError(response, error, { error: error.message });
  }

  protected override conversation({ threadId }: AmpRequest): string {
    return threadId;
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
    const peer: WebSocketPeer = new WebSocketPeer(request, socket, (said) => {
      this.onMessage?.("client", said);
      thread.take(peer, said);
    });
    this.#peers.add(peer);
    void peer.closed.then(() => this.#peers.delete(peer));
    thread.connect(peer, request.headers);
  }

  #thread(id: string): AmpThread {
    const known = this.#threads.get(id);
    if (known) return known;
    const thread = new AmpThread(id, {
      gates: this.gates,
      signal: this.closing.signal,
      number: () => this.number(),
      choose: (request) => this.choose(request),
    });
    this.#threads.set(id, thread);
    return thread;
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
