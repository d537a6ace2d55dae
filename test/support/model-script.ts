import type { ModelRequest } from "./model-request.ts";
import type { ScriptFor } from "./scripted-server.ts";

/** Why the model says it stopped, as the Messages API spells it. */
export type StopReason = "end_turn" | "tool_use" | "max_tokens" | "refusal" | "stop_sequence";

/** The token counts of one answer, as the Messages API spells them. */
export interface ModelUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
}

/**
 * One thing the scripted model does while it answers; parts happen in order. A text or thinking
 * block stays open until another block begins or the answer ends, so whatever is put between two
 * texts happens in the middle of one block.
 */
export type Part =
  | { part: "text" | "thinking"; text: string; gapMs: number }
  | { part: "tool"; name: string; input: Record<string, unknown> }
  | { part: "endBlock" }
  | { part: "hold"; name: string }
  | { part: "cut" }
  | { part: "malformed" }
  | { part: "streamError"; type: string; message: string };

/** An answer of the model. */
export interface Reply {
  step: "reply";
  parts: readonly Part[];
  stopReason?: StopReason;
  usage?: Partial<ModelUsage>;
}

/** A refusal at the level of HTTP. */
export interface HttpError {
  step: "httpError";
  status: number;
  message: string;
  headers: Record<string, string>;
}

/** What the model does with one request of a conversation. */
export type Step =
  | Reply
  | HttpError
  | { step: "drop" }
  | { step: "repeat"; times: number; first: Step; after: Step };

/** The steps of a conversation after one user text; the last one repeats. */
export type Script = ScriptFor<ModelRequest>;

/** Text, one delta per word. */
export function text(words: string, options: { gapMs?: number } = {}): Part {
  return { part: "text", text: words, gapMs: options.gapMs ?? 0 };
}

/** Thinking, one delta per word and a signature at the end. */
export function thinking(words: string, options: { gapMs?: number } = {}): Part {
  return { part: "thinking", text: words, gapMs: options.gapMs ?? 0 };
}

/** A call of a tool; several in one reply are parallel calls. */
export function tool(name: string, input: Record<string, unknown>): Part {
  return { part: "tool", name, input };
}

/** Ends the open block, so that the next text is a block of its own. */
export function endBlock(): Part {
  return { part: "endBlock" };
}

/** Keeps the stream open with pings, until the test releases the name. */
export function hold(name: string): Part {
  return { part: "hold", name };
}

/** Cuts the connection without ending the message. */
export function cut(): Part {
  return { part: "cut" };
}

/** Sends an event that is no JSON and ends the stream. */
export function malformed(): Part {
  return { part: "malformed" };
}

/** Sends an `error` event and ends the stream. */
export function streamError(type = "overloaded_error", message = "scripted stream error"): Part {
  return { part: "streamError", type, message };
}

/** An answer made of parts; a bare string is one text. */
export function reply(
  parts: string | readonly Part[],
  options: { stopReason?: StopReason; usage?: Partial<ModelUsage> } = {},
): Reply {
  return { step: "reply", parts: typeof parts === "string" ? [text(parts)] : parts, ...options };
}

/** An error answer with the body the Messages API gives for that status. */
export function httpError(
  status: number,
  options: { message?: string; retryAfterSeconds?: number } = {},
): HttpError {
  const { message = `scripted status ${status}`, retryAfterSeconds } = options;
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return { step: "httpError", status, message, headers };
}

/** Closes the connection without any answer. */
export function drop(): Step {
  return { step: "drop" };
}

/** Does `first` for the first `times` requests at this point of the conversation, then `after`. */
export function repeat(times: number, first: Step, after: Step = reply("Recovered.")): Step {
  return { step: "repeat", times, first, after };
}
