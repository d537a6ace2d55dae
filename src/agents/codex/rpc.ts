import type { z } from "zod";
import type { AgentOutput } from "../agent.ts";
import type { Line } from "../../io/lines.ts";
import { shown } from "../foreign.ts";
import { isRecord, readLines, type Unparsed } from "../json-line.ts";
import { unknownItem } from "./items.ts";

/** The server answers within milliseconds; a first start in a new home takes 0.2 s (0.169.0). */
const ANSWER_MS = 30_000;
/** A server that takes as long as this for an answer gives none any more. */
const HUNG_MS = 5000;
const METHOD_NOT_FOUND = -32_601;

/** The id of a request; the server counts its own from 0, as we may. */
export type RpcId = number | string;

/** What the server says of its own accord, and that it does not answer. */
export interface RpcListener {
  /** It will be gone: whoever waits for an answer is told by `close`. */
  unanswered(why: string): void;
  notified(method: string, params: Record<string, unknown>, raw: string): void;
  asked(id: RpcId, method: string, params: Record<string, unknown>, raw: string): void;
  /** `method` and `params` belong to a message that cannot be handled, as far as they are known. */
  unparsed(output: AgentOutput, method?: string, params?: Record<string, unknown>): void;
}

/** The server has refused a request, or has not answered it. */
export class RpcError extends Error {
  override readonly name = "RpcError";
}

/** An answer as what it should be; throws where it is not. */
export function understood<T>(schema: z.ZodType<T>, answer: unknown, method: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new RpcError(`the answer to ${method} is not understood`);
}

interface Pending {
  resolve: (result: unknown) => void;
  reject: (cause: Error) => void;
}

/** JSON-RPC over lines, as the app-server speaks it: without the member `jsonrpc`. */
export class Rpc {
  readonly #write: (line: string) => Promise<void>;
  readonly #listener: RpcListener;
  readonly #pending = new Map<RpcId, Pending>();
  #next = 1;

  constructor(write: (line: string) => Promise<void>, listener: RpcListener) {
    this.#write = write;
    this.#listener = listener;
  }

  /** Asks the server; rejects where it refuses, has gone, or does not answer in time. */
  async request(method: string, params: object, limitMs = ANSWER_MS): Promise<unknown> {
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject });
    const late = AbortSignal.timeout(limitMs);
    late.addEventListener("abort", () => {
      if (!this.#pending.has(id)) return;
      const why = `no answer to ${method} within ${limitMs / 1000} s`;
      if (limitMs >= HUNG_MS) this.#listener.unanswered(why);
      else reject(new RpcError(why));
    });
    try {
      const [result] = await Promise.all([promise, this.#send({ id, method, params })]);
      return result;
    } finally {
      this.#pending.delete(id);
    }
  }

  async notify(method: string): Promise<void> {
    await this.#send({ method });
  }

  /** Answers a request of the server. */
  async answer(id: RpcId, result: unknown): Promise<void> {
    await this.#send({ id, result });
  }

  /** Refuses a request of the server that no client of ours could answer. */
  async refuse(id: RpcId, method: string): Promise<void> {
    const error = { code: METHOD_NOT_FOUND, message: `${method} is not supported` };
    await this.#send({ id, error });
  }

  /** Takes what the server has printed. */
  read(lines: readonly Line[]): void {
    readLines(lines, {
      location: "codex",
      take: (value, raw) => {
        this.#take(value, raw);
        return [];
      },
      passOver: (message) => {
        this.#passOver(message);
        return [];
      },
    });
  }

  /** The server has gone: nothing that was asked will be answered. */
  close(cause: Error): void {
    for (const { reject } of this.#pending.values()) reject(cause);
    this.#pending.clear();
  }

  #take(message: unknown, raw: string): void {
    if (!isRecord(message)) return this.#tellUnknown(message, raw);
    const { id, method, params, result, error } = message;
    const known = typeof id === "number" || typeof id === "string" ? id : undefined;
    const given = isRecord(params) ? params : {};
    // Ids of both sides overlap: what has a method is the server's own.
    if (typeof method === "string") {
      if (known === undefined) this.#listener.notified(method, given, raw);
      else this.#listener.asked(known, method, given, raw);
      return;
    }
    if (known === undefined) return this.#tellUnknown(message, raw);
    const pending = this.#pending.get(known);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new RpcError(messageOf(error)));
  }

  /** Rejects the request, or fails the answer, of a message that cannot be handled. */
  #passOver({ unparsed, outline }: Unparsed): void {
    const { id, method, params } = isRecord(outline) ? outline : {};
    const known = typeof id === "number" || typeof id === "string" ? id : undefined;
    const named = typeof method === "string" ? method : undefined;
    this.#listener.unparsed(unparsed, named, isRecord(params) ? params : {});
    if (known === undefined) return;
    if (named === undefined) {
      this.#pending.get(known)?.reject(new RpcError("the answer could not be handled"));
    }
    // A server that cannot be written to is about to be reported as gone.
    else this.refuse(known, named).catch(() => undefined);
  }

  /** JSON that is neither said, nor asked, nor answered. */
  #tellUnknown(message: unknown, raw: string): void {
    const item = unknownItem("none", message);
    this.#listener.unparsed({ type: "item.completed", item, raw });
  }

  async #send(message: object): Promise<void> {
    await this.#write(JSON.stringify(message));
  }
}

function messageOf(error: unknown): string {
  if (isRecord(error) && typeof error["message"] === "string") return error["message"];
  return shown(error);
}
