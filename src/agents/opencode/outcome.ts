import type { TurnOutcome } from "../agent.ts";
import type { ErrorData } from "../../schema/event.ts";
import { parseBounded } from "../../io/bounded-json.ts";
import { ownMember } from "../foreign.ts";
import { isRecord } from "../json-line.ts";
import { NoWorkingDirectory } from "../working-directory.ts";
import { ServerGone } from "../shared-server.ts";
import { FolderSilent, OpencodeError } from "./error.ts";
import { NoProvider } from "./models.ts";
import type { ErrorInfo, MessageInfo } from "./protocol.ts";

/** Why the model stopped, in the words that clients know from other agents. */
const STOPS: Record<string, string> = {
  stop: "end_turn",
  length: "max_tokens",
  "content-filter": "refusal",
};

/** An error of a turn as a client sees it. */
export function errorOf({ name, data }: ErrorInfo): ErrorData {
  const message = plainMessage(data?.message ?? name);
  const status = data?.statusCode ?? undefined;
  return {
    code: codeOf(name, status, data?.message ?? name),
    message,
    details: { native: name, ...(status !== undefined && { status }) },
  };
}

/** An error's words alone: without the trace of its origin, and out of the JSON that holds them. */
export function plainMessage(message: string): string {
  const words = message.split(/(?<!\s)[^\S\n]*\n\s+at /)[0] ?? message;
  try {
    const parsed = parseBounded(words);
    const inner = isRecord(parsed) ? parsed["message"] : undefined;
    return typeof inner === "string" ? inner : words;
  } catch {
    return words;
  }
}

function codeOf(name: string, status: number | undefined, message: string): string {
  if (status === 401 || status === 403 || name === "ProviderAuthError") return "auth";
  if (status === 429) return "rate_limit";
  if (status === 529 || status === 503 || /overloaded/i.test(message)) return "overloaded";
  if (/context (window|length)|too long|ContextOverflow/i.test(`${name} ${message}`)) {
    return "context_window";
  }
  if (status === undefined && /connect|network|socket|timed? ?out|ECONN/i.test(message)) {
    return "network";
  }
  return "api";
}

/** The outcome of a turn at its end, without its usage; `stopping` when the user interrupts it. */
export function endOf(
  stopping: boolean,
  { lastMessage }: { lastMessage: MessageInfo | undefined },
  error: ErrorData | undefined,
): TurnOutcome {
  if (stopping) return { status: "interrupted" };
  if (lastMessage || error) return outcomeOf(lastMessage, error);
  const message = "OpenCode ended the turn without a message";
  return { status: "failed", error: { code: "protocol", message } };
}

/** How a turn went whose last message this is, without its usage. */
export function outcomeOf(
  last: MessageInfo | undefined,
  error: ErrorData | undefined,
): TurnOutcome {
  const stop = last?.finish != null && {
    stop_reason: ownMember(STOPS, last.finish) ?? last.finish,
  };
  if (last?.error?.name === "MessageAbortedError") return { status: "interrupted" };
  const failed = error ?? (last?.error ? errorOf(last.error) : undefined);
  if (!failed) return { status: "completed", ...stop };
  const { code, message } = failed;
  return { status: "failed", error: { code: code ?? "api", message }, ...stop };
}

/** The code of an error that kept a turn from going on; `given`: the server had been given it. */
export function failureCode(cause: unknown, given: boolean): string {
  if (cause instanceof NoProvider) return "auth";
  if (cause instanceof ServerGone) return given ? "process_exit" : "process_start";
  if (cause instanceof OpencodeError || cause instanceof FolderSilent) return "protocol";
  return given && !(cause instanceof NoWorkingDirectory) ? "network" : "process_start";
}
