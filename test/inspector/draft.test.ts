import { describe, expect, it } from "vitest";
import { emptyDraft, issuesOf, requestOf } from "../../src/inspector/new-session/draft.ts";

const draft = { ...emptyDraft, agent: "mock" };

it("a draft in which nothing is filled in asks for nothing but the agent", () => {
  expect(issuesOf(draft)).toEqual({});
  expect(requestOf(draft)).toEqual({ agent: "mock" });
});

it("a draft asks for what is filled in", () => {
  const full = {
    ...draft,
    title: " Fix it ",
    model: "m",
    variant: "high",
    agentMode: "plan",
    permissionMode: "bypass",
    directory: "/work",
    agentVersion: "1.2.3",
    env: "A=1\n\n  B=x=y ",
    timeout: "1.5",
    onTimeout: "interrupt" as const,
  };
  expect(issuesOf(full)).toEqual({});
  expect(requestOf(full)).toEqual({
    agent: "mock",
    title: "Fix it",
    model: "m",
    variant: "high",
    agentMode: "plan",
    permissionMode: "bypass",
    directory: "/work",
    agentVersion: "1.2.3",
    env: { A: "1", B: "x=y " },
    interaction: { timeoutMs: 1500, onTimeout: "interrupt" },
  });
});

describe("what the daemon would refuse is told before", () => {
  it.each([
    ["sessionId", "a/b"],
    ["sessionId", "x".repeat(257)],
    ["directory", "work"],
    ["env", "A=1\n2B=3"],
    ["timeout", "soon"],
    ["timeout", "0"],
    ["timeout", "90000"],
  ] as const)("%s: %s", (name, value) => {
    expect(Object.keys(issuesOf({ ...draft, [name]: value }))).toEqual([name]);
  });
});
