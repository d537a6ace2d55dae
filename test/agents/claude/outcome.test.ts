import { describe, expect, it } from "vitest";
import { errorOf, outcomeOf, resultError } from "../../../src/agents/claude/outcome.ts";
import { type AssistantLine, ResultLine } from "../../../src/agents/claude/protocol.ts";
import { Translator } from "../../../src/agents/claude/translate.ts";
import type { Usage } from "../../../src/schema/usage.ts";

/** The running total of so many equal turns, as the CLI prints it. */
function total(turns: number) {
  return {
    "claude-a": {
      inputTokens: 100 * turns,
      outputTokens: 42 * turns,
      cacheReadInputTokens: 30 * turns,
      cacheCreationInputTokens: 20 * turns,
      thinkingTokens: 5 * turns,
      costUSD: 0.5 * turns,
      contextWindow: 200_000,
    },
  };
}

const oneTurn: Usage = {
  input_tokens: 150,
  output_tokens: 42,
  cached_input_tokens: 30,
  reasoning_tokens: 5,
  total_tokens: 192,
  cost_usd: 0.5,
  context_window: 200_000,
};

function result(members: Record<string, unknown>) {
  return { type: "result", subtype: "success", is_error: false, result: "ok", ...members };
}

function usageAfter(translator: Translator, members: Record<string, unknown>): Usage | undefined {
  translator.beginTurn("u");
  const [output] = translator.translate(result(members), "");
  return output?.type === "turn.ended" ? output.outcome.usage : undefined;
}

describe("the usage of a turn", () => {
  it("is its own over three turns and a resume, whatever the running total says", () => {
    const translator = new Translator("/work/project");
    for (const turns of [1, 2, 3]) {
      const since = { model_usage_since_last_result: total(1) };
      expect(usageAfter(translator, { modelUsage: total(turns), ...since })).toEqual(oneTurn);
    }
    translator.restart();
    // 2.1.330 goes on counting in a resumed process.
    const since = { model_usage_since_last_result: total(1) };
    expect(usageAfter(translator, { modelUsage: total(4), ...since })).toEqual(oneTurn);
  });

  it("of an older CLI is the difference of its running totals, which begin anew with a resume", () => {
    const translator = new Translator("/work/project");
    for (const turns of [1, 2, 3]) {
      expect(usageAfter(translator, { modelUsage: total(turns) })).toEqual(oneTurn);
    }
    translator.restart();
    expect(usageAfter(translator, { modelUsage: total(1) })).toEqual(oneTurn);
  });

  it("counts every model, and the context window of the one that wrote most", () => {
    const small = { ...total(1)["claude-a"], outputTokens: 1, contextWindow: 1000 };
    const modelUsage = { "claude-small": small, ...total(1) };
    expect(usageAfter(new Translator("/work/project"), { modelUsage })).toMatchObject({
      input_tokens: 300,
      output_tokens: 43,
      cost_usd: 1,
      context_window: 200_000,
    });
  });

  it("of an older CLI leaves out a model that was used in an earlier turn only", () => {
    const translator = new Translator("/work/project");
    const other = { "claude-b": total(1)["claude-a"] };
    usageAfter(translator, { modelUsage: total(1) });
    expect(usageAfter(translator, { modelUsage: { ...total(1), ...other } })).toEqual(oneTurn);
  });

  it("is left out where the CLI tells none", () => {
    expect(usageAfter(new Translator("/work/project"), {})).toBeUndefined();
    expect(usageAfter(new Translator("/work/project"), { modelUsage: {} })).toBeUndefined();
  });
});

function apiError(text: string, error: string, api_error_status: number | null): AssistantLine {
  const message = { id: "m", model: "<synthetic>", content: [{ type: "text", text }] };
  return { type: "assistant", message, error, is_api_error_message: true, api_error_status };
}

describe("an error of the model's API", () => {
  it.each([
    [
      "Not logged in · Please run /login",
      /^Not logged in: start the daemon with ANTHROPIC_API_KEY/,
    ],
    [
      "Invalid API key · Please run /login",
      /^Invalid API key: start the daemon with ANTHROPIC_API/,
    ],
  ])("replaces the cure of %j, which only a terminal has", (said, message) => {
    const error = errorOf(apiError(said, "authentication_failed", null));
    expect(error).toMatchObject({ code: "auth", message: expect.stringMatching(message) });
  });

  it.each([
    ["auth", "API Error: 401", "unknown", 401],
    ["auth", "API Error: 403", "unknown", 403],
    ["rate_limit", "API Error: Request rejected (429)", "rate_limit", 429],
    ["overloaded", "API Error: Repeated 529 Overloaded errors.", "server_error", 529],
    ["overloaded", "API Error: Overloaded", "server_error", null],
    ["context_window", "Prompt is too long", "invalid_request", null],
    ["network", "API Error: Connection dropped (ECONNRESET).", "server_error", null],
    ["network", "API Error: Request timed out.", "unknown", null],
    ["api", "API Error: 500 at the gateway's connection", "server_error", 500],
    ["api", "API Error: 400", "unknown", 400],
  ])("is %s where the CLI says %j", (code, message, error, status) => {
    expect(errorOf(apiError(message, error, status))).toEqual({
      code,
      message,
      status,
      native: error,
    });
  });
});

describe("a result", () => {
  const read = (members: Record<string, unknown>) => ResultLine.parse(result(members));

  it("is an interrupted turn where the CLI was asked to stop", () => {
    for (const terminal_reason of ["aborted_streaming", "aborted_tools"]) {
      const line = read({ is_error: true, terminal_reason, stop_reason: "tool_use" });
      const outcome = { status: "interrupted", stop_reason: "tool_use" };
      expect(outcomeOf(line, undefined)).toEqual(outcome);
    }
  });

  it("is a failed turn where it says so, with the error that was told before", () => {
    const line = read({ is_error: true, stop_reason: "refusal", result: "noise" });
    const error = { code: "auth", message: "No key", status: 401 };
    expect(outcomeOf(line, error)).toEqual({
      status: "failed",
      error: { code: "auth", message: "No key" },
      stop_reason: "refusal",
    });
  });

  it.each([
    [{ result: "It broke" }, "It broke"],
    [{ result: null, errors: ["One", "Two"] }, "One\nTwo"],
    [{ result: "", subtype: "error_max_turns" }, "the turn failed: error_max_turns"],
  ])("that failed without an error before it says why: %j", (members, message) => {
    expect(resultError(read({ is_error: true, ...members })).message).toBe(message);
  });

  it("of a turn that failed says why the model stopped, not that the CLI did", () => {
    const error = { code: "api", message: "Too long", status: null };
    const line = read({ is_error: true, stop_reason: "stop_sequence" });
    expect(outcomeOf(line, error, "max_tokens")).toMatchObject({ stop_reason: "max_tokens" });
    expect(outcomeOf(line, error, undefined)).not.toHaveProperty("stop_reason");
  });

  it("is a completed turn also where an error was survived on the way", () => {
    const survived = { code: "network", message: "Connection lost", status: null };
    expect(outcomeOf(read({ stop_reason: "end_turn" }), survived)).toEqual({
      status: "completed",
      stop_reason: "end_turn",
    });
  });
});
