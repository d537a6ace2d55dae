import { expect, it } from "vitest";
import { errorOf, outcomeOf } from "../../../src/agents/opencode/outcome.ts";
import { MessageInfo } from "../../../src/agents/opencode/protocol.ts";

it.each([
  ["auth", "APIError", { message: "no", statusCode: 401 }],
  ["auth", "ProviderAuthError", { message: "no key" }],
  ["rate_limit", "APIError", { message: "slow down", statusCode: 429 }],
  ["overloaded", "APIError", { message: "busy", statusCode: 529 }],
  ["overloaded", "UnknownError", { message: "Overloaded" }],
  ["context_window", "APIError", { message: "prompt is too long", statusCode: 400 }],
  ["network", "UnknownError", { message: "Cannot connect to API: Unable to connect." }],
  ["api", "APIError", { message: "what?", statusCode: 400 }],
  ["api", "UnknownError", {}],
])("is %s where OpenCode says %s %j", (code, name, data) => {
  expect(errorOf({ name, data })).toMatchObject({ code, details: { native: name } });
});

const message = (members: object) => MessageInfo.parse({ id: "m", role: "assistant", ...members });

it.each([
  [{ finish: "stop" }, { status: "completed", stop_reason: "end_turn" }],
  [{ finish: "length" }, { status: "completed", stop_reason: "max_tokens" }],
  [{ finish: "other" }, { status: "completed", stop_reason: "other" }],
  [{ error: { name: "MessageAbortedError", data: {} } }, { status: "interrupted" }],
  [{ error: { name: "APIError", data: { message: "no" } } }, { status: "failed" }],
])("a turn whose last message is %j is %j", (members, outcome) => {
  expect(outcomeOf(message(members), undefined)).toMatchObject(outcome);
});

it("a turn in which only an error was told has failed with it", () => {
  const error = { code: "api", message: "unknown model", details: null };
  expect(outcomeOf(undefined, error)).toEqual({
    status: "failed",
    error: { code: "api", message: "unknown model" },
  });
});
