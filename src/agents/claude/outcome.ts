import type { TurnOutcome } from "../agent.ts";
import { ownMember } from "../foreign.ts";
import type { Usage } from "../../schema/usage.ts";
import type { AssistantLine, ModelUsage, ResultLine } from "./protocol.ts";

/** An error as a client sees it: code of the table in `docs/events.md`, and the CLI's words. */
export interface ClaudeError {
  code: string;
  message: string;
  status: number | null;
  /** The CLI's own word for the kind of error. */
  native?: string;
}

/** The error in an assistant line that the CLI made up to report one. */
export function errorOf(line: AssistantLine): ClaudeError {
  const message = line.message.content
    .flatMap((block) => (typeof block["text"] === "string" ? [block["text"]] : []))
    .join("\n");
  const status = line.api_error_status ?? null;
  const native = line.error;
  return {
    code: codeOf(native ?? "", status, message),
    message: withCure(message),
    status,
    ...(native != null && { native }),
  };
}

/** The error that a failed result tells. */
export function resultError(line: ResultLine): ClaudeError {
  const said = line.result ?? line.errors?.join("\n") ?? "";
  const message = said === "" ? `the turn failed: ${line.subtype}` : said;
  const status = line.api_error_status ?? null;
  const native = line.api_error ?? line.terminal_reason;
  return {
    code: codeOf(native ?? "", status, message),
    message: withCure(message),
    status,
    ...(native != null && { native }),
  };
}

/** Replaces a command that only the terminal of Claude Code has. Observed in claude 2.1.330. */
function withCure(message: string): string {
  return message.replace(
    / · Please run \/login\b/,
    ": start the daemon with ANTHROPIC_API_KEY set, or run `claude` and log in with /login",
  );
}

function codeOf(word: string, status: number | null, message: string): string {
  if (word === "authentication_failed" || status === 401 || status === 403) return "auth";
  if (word === "rate_limit" || status === 429) return "rate_limit";
  if (status === 529 || /overloaded/i.test(message)) return "overloaded";
  if (/prompt is too long|context (window|length)/i.test(message)) return "context_window";
  if (status === null && /connection|network|timed? ?out|socket/i.test(message)) return "network";
  return "api";
}

/**
 * How the turn went, without its usage. `stopReason` is what the model itself said last: of a turn
 * that failed, for one because the model stopped too early three times, the result says only
 * `stop_sequence` (2.1.330).
 */
export function outcomeOf(
  line: ResultLine,
  error: ClaudeError | undefined,
  stopReason?: string,
): TurnOutcome {
  const said = line.stop_reason === "stop_sequence" ? stopReason : line.stop_reason;
  const stop = said != null && { stop_reason: said };
  if (line.terminal_reason?.startsWith("aborted") === true)
    return { status: "interrupted", ...stop };
  if (!line.is_error) return { status: "completed", ...stop };
  const { code, message } = error ?? resultError(line);
  return { status: "failed", error: { code, message }, ...stop };
}

/**
 * Tokens and cost since the last result. Since 2.1.330 the CLI tells them itself; before, the
 * difference of its running totals is taken, which begin anew with a resumed process.
 */
export function usageOf(line: ResultLine, before: ModelUsage): Usage | undefined {
  const used = line.model_usage_since_last_result ?? difference(line.modelUsage ?? {}, before);
  const models = Object.values(used);
  if (models.length === 0) return undefined;
  const sum = (of: (model: ModelUsage[string]) => number) =>
    models.reduce((total, model) => total + of(model), 0);
  const cached = sum((model) => model.cacheReadInputTokens);
  const input = sum((model) => model.inputTokens + model.cacheCreationInputTokens) + cached;
  const output = sum((model) => model.outputTokens);
  const [first] = models.toSorted((a, b) => b.outputTokens - a.outputTokens);
  return {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: cached,
    reasoning_tokens: sum((model) => model.thinkingTokens ?? 0),
    total_tokens: input + output,
    cost_usd: sum((model) => model.costUSD),
    ...(first?.contextWindow !== undefined && { context_window: first.contextWindow }),
  };
}

/** What two stretches have used together. */
export function addUsage(first: Usage | undefined, second: Usage | undefined): Usage | undefined {
  if (!first || !second) return first ?? second;
  const sum = (key: Exclude<keyof Usage, "context_window">) =>
    (first[key] ?? 0) + (second[key] ?? 0);
  return {
    ...second,
    input_tokens: sum("input_tokens"),
    output_tokens: sum("output_tokens"),
    cached_input_tokens: sum("cached_input_tokens"),
    reasoning_tokens: sum("reasoning_tokens"),
    total_tokens: sum("total_tokens"),
    cost_usd: sum("cost_usd"),
  };
}

function difference(now: ModelUsage, before: ModelUsage): ModelUsage {
  return Object.fromEntries(
    Object.entries(now).map(([model, total]) => {
      const last = ownMember(before, model);
      if (!last || last.outputTokens > total.outputTokens) return [model, total];
      return [
        model,
        {
          ...total,
          inputTokens: total.inputTokens - last.inputTokens,
          outputTokens: total.outputTokens - last.outputTokens,
          cacheReadInputTokens: total.cacheReadInputTokens - last.cacheReadInputTokens,
          cacheCreationInputTokens: total.cacheCreationInputTokens - last.cacheCreationInputTokens,
          thinkingTokens: (total.thinkingTokens ?? 0) - (last.thinkingTokens ?? 0),
          costUSD: total.costUSD - last.costUSD,
        },
      ];
    }),
  );
}
