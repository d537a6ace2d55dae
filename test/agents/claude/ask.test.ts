import { describe, expect, it } from "vitest";
import { toAsk, toPermissionDecision, toQuestionDecision } from "../../../src/agents/claude/ask.ts";
import type { CanUseTool } from "../../../src/agents/claude/protocol.ts";

function canUse(tool_name: string, input: Record<string, unknown>, more = {}): CanUseTool {
  return { subtype: "can_use_tool", tool_name, input, tool_use_id: "toolu_1", ...more };
}

const rule = { toolName: "Bash", ruleContent: "touch a" };
const addRules = {
  type: "addRules",
  rules: [rule],
  behavior: "allow",
  destination: "localSettings",
};
const bash = canUse(
  "Bash",
  { command: "touch a", description: "Make a" },
  {
    permission_suggestions: [
      addRules,
      { type: "addDirectories", directories: ["/work"], destination: "session" },
      { type: "setMode", mode: "acceptEdits", destination: "session" },
    ],
    decision_reason: "It writes",
    blocked_path: "/work/a",
  },
);

describe("a permission request", () => {
  it("tells the tool, its input and why it is asked for", () => {
    expect(toAsk("r1", bash)).toEqual({
      kind: "permission",
      request: {
        id: "r1",
        action: "Bash",
        memoryKey: expect.any(String),
        metadata: {
          toolName: "Bash",
          permissionSuggestions: bash.permission_suggestions,
          blockedPath: "/work/a",
          tool: "Bash",
          input: bash.input,
          call_id: "toolu_1",
          command: "touch a",
          reason: "It writes",
        },
      },
    });
  });

  it("names the file of a tool that has one", () => {
    const asked = toAsk("r", canUse("Write", { file_path: "/work/a", content: "a" }));
    expect(asked.request).toMatchObject({ action: "Write", metadata: { paths: ["/work/a"] } });
  });

  const key = (tool: string, input: Record<string, unknown>): string => {
    const asked = toAsk("r", canUse(tool, input));
    return asked.kind === "permission" ? asked.request.memoryKey : "";
  };

  it.each([
    ["the same command in other words", { command: "ls", description: "List" }, true],
    ["another command", { command: "ls -a" }, false],
    ["the same command in the background", { command: "ls", run_in_background: true }, false],
  ])("is covered by an earlier always or not: %s", (_, input, covered) => {
    expect(key("Bash", input) === key("Bash", { command: "ls" })).toBe(covered);
  });

  it("of another tool counts the whole input, its description too", () => {
    const input = { description: "a", prompt: "p" };
    expect(key("Agent", input)).not.toBe(key("Agent", { ...input, description: "b" }));
  });
});

describe("a permission reply", () => {
  it.each([
    ["once", { behavior: "allow", updatedInput: bash.input }],
    [
      "always",
      {
        behavior: "allow",
        updatedInput: bash.input,
        updatedPermissions: [{ ...addRules, destination: "session" }],
      },
    ],
    ["reject", { behavior: "deny", message: "The user rejected this tool call." }],
  ] as const)("%s is told with nothing wider than this session's rules", (reply, decision) => {
    expect(toPermissionDecision(bash, reply)).toEqual(decision);
  });

  it.each([
    ["none", undefined],
    ["no rules", [{ type: "setMode", mode: "acceptEdits", destination: "session" }]],
  ])("always allows just this call where the CLI suggests %s", (_, permission_suggestions) => {
    const ask = canUse("Write", { file_path: "/a" }, { permission_suggestions });
    expect(toPermissionDecision(ask, "always")).toEqual({
      behavior: "allow",
      updatedInput: { file_path: "/a" },
    });
  });
});

const questions = [
  {
    question: "Which color?",
    header: "Color",
    multiSelect: false,
    options: [{ label: "Red", description: "Warm" }, { label: "Blue" }],
  },
  { question: "Which sizes?", multiSelect: true, options: [{ label: "S" }, { label: "L" }] },
];
const question = canUse("AskUserQuestion", { questions });

describe("a question", () => {
  it("keeps all of its parts", () => {
    expect(toAsk("r1", question)).toEqual({
      kind: "question",
      request: {
        id: "r1",
        questions: [
          {
            question: "Which color?",
            header: "Color",
            multi_select: false,
            options: [{ label: "Red", description: "Warm" }, { label: "Blue" }],
          },
          {
            question: "Which sizes?",
            multi_select: true,
            options: [{ label: "S" }, { label: "L" }],
          },
        ],
      },
    });
  });

  it("in a shape that nobody knows is asked as a permission", () => {
    expect(toAsk("r", canUse("AskUserQuestion", { ask: "?" })).kind).toBe("permission");
  });

  it.each([
    ["every part", [["Blue"], ["S", "L"]], { "Which color?": "Blue", "Which sizes?": "S, L" }],
    ["the first part only", [["Red"]], { "Which color?": "Red", "Which sizes?": "" }],
    ["no part", [], { "Which color?": "", "Which sizes?": "" }],
  ])("is answered by its own text: %s", (_, given, answers) => {
    expect(toQuestionDecision(question, given)).toEqual({
      behavior: "allow",
      updatedInput: { questions, answers },
    });
  });

  it("that is rejected is denied", () => {
    expect(toQuestionDecision(question, null)).toMatchObject({ behavior: "deny" });
  });
});

const plan = canUse("ExitPlanMode", { plan: "# Plan", planFilePath: "/plans/a.md" });

describe("a plan", () => {
  it("is a question that shows the plan", () => {
    expect(toAsk("r1", plan)).toEqual({
      kind: "question",
      request: {
        id: "r1",
        questions: [
          {
            question: "Approve plan execution?",
            multi_select: false,
            options: [{ label: "approve" }, { label: "reject" }],
          },
        ],
        metadata: { kind: "plan", plan: "# Plan" },
      },
    });
  });

  it("without words is asked for all the same", () => {
    expect(toAsk("r", canUse("ExitPlanMode", {}))).toMatchObject({
      request: { metadata: { kind: "plan" } },
    });
  });

  it.each([
    ["approved", [["approve"]], { behavior: "allow", updatedInput: plan.input }],
    ["rejected", [["reject"]], { behavior: "deny", message: "The user rejected the plan." }],
    ["rejected as a question", null, { behavior: "deny", message: "The user rejected the plan." }],
    ["left unanswered", [], { behavior: "deny", message: "The user rejected the plan." }],
    [
      "answered with a wish",
      [["Add tests first"]],
      { behavior: "deny", message: "The user rejected the plan. They said: Add tests first" },
    ],
  ])("is decided when it is %s", (_, answers, decision) => {
    expect(toQuestionDecision(plan, answers)).toEqual(decision);
  });
});
