import type { AgentOutput, TurnOutcome } from "../agent.ts";
import type { Usage } from "../../schema/usage.ts";
import type { AmpUsage } from "./protocol.ts";

/**
 * What the CLI's words for an error mean. Most are titles of its own (0.0.1790142911); where it has
 * none it passes on the words of the model's provider, with the status in front (0.0.1769425000).
 */
const CODES: [pattern: RegExp, code: string][] = [
  [/^Context Limit Reached|context (window|length|limit)|prompt is too long/i, "context_window"],
  [/^Model Provider Overloaded|\boverloaded|\b529\b/i, "overloaded"],
  [/^Rate Limit Hit|^Usage Quota Exceeded|rate.?limit|too many requests|\b429\b/i, "rate_limit"],
  [/^Unauthorized|missing API key|No API key|amp login|unauthorized|\b40[13]\b/i, "auth"],
  [
    /^Network Error|^Model Stream Timed Out|connect to the Amp server|terminated|socket|network|timed? ?out|ECONN|ENOTFOUND|fetch failed/i,
    "network",
  ],
];

/** The code of an error that the CLI tells in these words. */
export function codeOf(message: string): string {
  return CODES.find(([pattern]) => pattern.test(message))?.[1] ?? "api";
}

/** A turn that has failed, with the error that says why. */
export function failure(
  code: string,
  message: string,
  options: { details?: unknown; usage?: Usage | undefined } = {},
): AgentOutput[] {
  const { details = null, usage } = options;
  const outcome: TurnOutcome = {
    status: "failed",
    error: { code, message },
    ...(usage && { usage }),
  };
  return [
    { type: "error", error: { code, message, details }, synthetic: true },
    { type: "turn.ended", outcome },
  ];
}

/** A turn that the user has stopped. */
export function interrupted(usage?: Usage): AgentOutput {
  const outcome: TurnOutcome = { status: "interrupted", ...(usage && { usage }) };
  return { type: "turn.ended", outcome };
}

/** What the answers of a turn have used so far together; input counts what was cached, too. */
export function addUsage(sum: Usage | undefined, used: AmpUsage): Usage {
  const cached = used.cache_read_input_tokens ?? 0;
  const input = used.input_tokens + (used.cache_creation_input_tokens ?? 0) + cached;
  const output = used.output_tokens;
  return {
    input_tokens: (sum?.input_tokens ?? 0) + input,
    output_tokens: (sum?.output_tokens ?? 0) + output,
    cached_input_tokens: (sum?.cached_input_tokens ?? 0) + cached,
    total_tokens: (sum?.total_tokens ?? 0) + input + output,
  };
}
