import { expect, it } from "vitest";
import { errorOf, outcomeOf, usageOf } from "../../../src/agents/codex/outcome.ts";

it.each([
  ["auth", "unexpected status 401", { httpConnectionFailed: { httpStatusCode: 401 } }],
  ["auth", "Missing environment variable: `OPENAI_API_KEY`.", "other"],
  [
    "rate_limit",
    "exceeded retry limit",
    { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
  ],
  ["rate_limit", "quota", "usageLimitExceeded"],
  ["overloaded", "busy", { httpConnectionFailed: { httpStatusCode: 503 } }],
  ["overloaded", "busy", "serverOverloaded"],
  ["context_window", "too long", "contextWindowExceeded"],
  ["network", "Reconnecting", { responseStreamDisconnected: { httpStatusCode: 200 } }],
  ["network", "stream disconnected before completion", "other"],
  ["api", "stream disconnected: Incomplete response returned, reason: content_filter", "other"],
  ["network", "nobody there", { httpConnectionFailed: { httpStatusCode: null } }],
  ["api", "{}", "other"],
  ["api", "high demand", "internalServerError"],
  ["api", "?", null],
])("is %s where Codex says %j, %j", (code, message, codexErrorInfo) => {
  expect(errorOf({ message, codexErrorInfo })).toMatchObject({ code, message });
});

it("tells the status, Codex's own word, and what it adds", () => {
  const codexErrorInfo = { httpConnectionFailed: { httpStatusCode: 401 } };
  expect(errorOf({ message: "No.", codexErrorInfo, additionalDetails: "Wrong key" })).toEqual({
    code: "auth",
    message: "No. Wrong key",
    details: { status: 401, native: "httpConnectionFailed" },
  });
  expect(errorOf({ message: "No." }).details).toBeNull();
});

it("takes a turn's usage from the running total", () => {
  const before = {
    totalTokens: 192,
    inputTokens: 150,
    cachedInputTokens: 30,
    outputTokens: 42,
    reasoningOutputTokens: 7,
  };
  const now = {
    totalTokens: 500,
    inputTokens: 400,
    cachedInputTokens: 50,
    outputTokens: 100,
    reasoningOutputTokens: 7,
  };
  expect(usageOf(now, before, 1000)).toEqual({
    input_tokens: 250,
    output_tokens: 58,
    cached_input_tokens: 20,
    reasoning_tokens: 0,
    total_tokens: 308,
    context_window: 1000,
  });
  expect(usageOf(now, undefined, null)).toMatchObject({ total_tokens: 500 });
});

it.each([
  ["content_filter", "refusal"],
  ["max_output_tokens", "max_tokens"],
  ["something_new", "something_new"],
])("tells that the model stopped for %s as %s", (reason, stop_reason) => {
  const message = `stream disconnected: Incomplete response returned, reason: ${reason}`;
  expect(outcomeOf("failed", { message, codexErrorInfo: "other" })).toMatchObject({
    status: "failed",
    error: { code: "api" },
    stop_reason,
  });
});
