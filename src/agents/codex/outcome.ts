import type { TurnOutcome } from "../agent.ts";
import type { ErrorData } from "../../schema/event.ts";
import type { Usage } from "../../schema/usage.ts";
import { isRecord } from "../json-line.ts";
import type { TokenCounts, TurnError } from "./protocol.ts";

/** Codex's words for what went wrong, in ours. */
const CODES: Record<string, string> = {
  contextWindowExceeded: "context_window",
  usageLimitExceeded: "rate_limit",
  rateLimitExceeded: "rate_limit",
  responseTooManyFailedAttempts: "rate_limit",
  serverOverloaded: "overloaded",
  unauthorized: "auth",
  httpConnectionFailed: "network",
  responseStreamConnectionFailed: "network",
  responseStreamDisconnected: "network",
};

/** An error of a turn as a client sees it. */
export function errorOf({ message, codexErrorInfo, additionalDetails }: TurnError): ErrorData {
  const [native, status] = wordAndStatus(codexErrorInfo);
  const said = additionalDetails != null && additionalDetails !== "" ? additionalDetails : message;
  const details = {
    ...(status !== undefined && { status }),
    ...(native !== undefined && { native }),
  };
  return {
    code: codeOf(native, status, message),
    message: said === message ? message : `${message} ${said}`,
    details: Object.keys(details).length > 0 ? details : null,
  };
}

function codeOf(native: string | undefined, status: number | undefined, message: string): string {
  if (status === 401 || status === 403 || /environment variable/i.test(message)) return "auth";
  if (status === 429) return "rate_limit";
  if (status === 529 || status === 503) return "overloaded";
  if (status !== undefined && status >= 400) return "api";
  if (stopReason(message) !== undefined) return "api";
  // Given up after all tries, a broken connection is only `other`.
  if (/stream disconnected|error sending request|connection/i.test(message)) return "network";
  return (native === undefined ? undefined : CODES[native]) ?? "api";
}

/** `"other"`, or `{"httpConnectionFailed": {"httpStatusCode": 401}}`. */
function wordAndStatus(
  info: TurnError["codexErrorInfo"],
): [string | undefined, number | undefined] {
  if (typeof info === "string") return [info, undefined];
  const [word, more] = Object.entries(info ?? {})[0] ?? [];
  const status = isRecord(more) ? more["httpStatusCode"] : undefined;
  return [word, typeof status === "number" && status >= 400 ? status : undefined];
}

/** What has been used between two states of a thread's running total. */
export function usageOf(
  now: TokenCounts,
  before: TokenCounts | undefined,
  contextWindow: number | null | undefined,
): Usage {
  const since = (key: Exclude<keyof TokenCounts, symbol>) =>
    Number(now[key]) - Number(before?.[key] ?? 0);
  const input = since("inputTokens");
  const output = since("outputTokens");
  return {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: since("cachedInputTokens"),
    reasoning_tokens: since("reasoningOutputTokens"),
    total_tokens: input + output,
    ...(contextWindow != null && { context_window: contextWindow }),
  };
}

/** Why the model stopped in mid answer, which Codex takes for a broken connection (0.169.0). */
function stopReason(message: string): string | undefined {
  const reason = /Incomplete response returned, reason: (\w+)/.exec(message)?.[1];
  if (reason === "content_filter") return "refusal";
  return reason === "max_output_tokens" ? "max_tokens" : reason;
}

/** How a turn went, without its usage. */
export function outcomeOf(status: string, error: TurnError | undefined): TurnOutcome {
  if (status === "interrupted") return { status: "interrupted" };
  if (status !== "failed") return { status: "completed" };
  const { code, message } = error
    ? errorOf(error)
    : { code: "api", message: "the turn failed without a word" };
  const stopped = stopReason(message);
  return {
    status: "failed",
    error: { code: code ?? "api", message },
    ...(stopped !== undefined && { stop_reason: stopped }),
  };
}
