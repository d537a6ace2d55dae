import { z } from "zod";
import type { AppServer, Message } from "../../support/responses/app-server.ts";
import type { Answer } from "./stage.ts";

/** A message of the user, with further parameters of its turn. */
export type Turn = string | { readonly text: string; readonly [parameter: string]: unknown };

/** One thread of a server. */
export class Conversation {
  readonly app: AppServer;
  readonly threadId: string;

  constructor(app: AppServer, threadId: string) {
    this.app = app;
    this.threadId = threadId;
  }

  /** Begins a turn and returns its id. */
  async begin(turn: Turn): Promise<string> {
    const { text, ...more } = typeof turn === "string" ? { text: turn } : turn;
    return this.app.startTurn(this.threadId, text, more);
  }

  /** Waits for the end of a turn. */
  async end(turnId: string): Promise<void> {
    await this.app.turnEnd(turnId, AbortSignal.timeout(60_000));
  }

  /** Plays a turn to its end. */
  async turn(turn: Turn): Promise<void> {
    await this.end(await this.begin(turn));
  }

  /** Begins a turn, interrupts it when a condition is met, and waits for its end. */
  async interrupt(script: string, isDue: () => Promise<unknown>): Promise<void> {
    const turnId = await this.begin(`go @@${script}@@`);
    await isDue();
    await this.request("turn/interrupt", { turnId });
    await this.end(turnId);
  }

  /** Sends a request about the thread; an error is a part of the recording. */
  async request(
    method: string,
    params: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    return requested(this.app, method, { threadId: this.threadId, ...params });
  }

  /** Waits for the n-th notification or request of a method. */
  async seen(method: string, count = 1): Promise<Message> {
    let found = 0;
    return this.app.first(
      (message) => message.method === method && (found += 1) === count,
      AbortSignal.timeout(60_000),
    );
  }
}

/** Sends a request and returns its result; an error is a part of the recording, and returns none. */
export async function requested(
  app: AppServer,
  method: string,
  params: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const before = app.transcript.length;
  try {
    return await app.call(method, params);
  } catch (error) {
    const wasAnswered = app.transcript
      .slice(before)
      .some(({ from, line }) => from === "server" && line.error !== undefined);
    if (!wasAnswered) throw error;
    return {};
  }
}

/** Waits until an item of a kind is complete. */
export function itemCompleted(app: AppServer, type: string): Promise<Message> {
  return app.first(
    ({ method, params }) =>
      method === "item/completed" &&
      z.looseObject({ type: z.literal(type) }).safeParse(params?.["item"]).success,
  );
}

/** The thread of a message, and the turn. */
export function turnOf({ params }: Message): { threadId: string; turnId: string } {
  return z.looseObject({ threadId: z.string(), turnId: z.string() }).parse(params);
}

/** Answers an approval of a command or of changed files. */
export const decide =
  (decision: string): Answer =>
  () => ({ decision });

/** Answers an elicitation of an MCP server. */
export const elicited =
  (action: string, content: Record<string, unknown> | null = null): Answer =>
  () => ({ action, content, _meta: null });

/** Answers questions. */
export const answered =
  (answers: Record<string, string>): Answer =>
  () => ({
    answers: Object.fromEntries(
      Object.entries(answers).map(([id, answer]) => [id, { answers: [answer] }]),
    ),
  });

/** Leaves the request open. */
export const hold: Answer = () => undefined;
