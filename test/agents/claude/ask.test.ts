import { describe, expect, it } from "vitest";
import { toAsk, toPermissionDecision, toQuestionDecision } from "../../../src/agents/claude/ask.ts";
import { CanUseTool } from "../../../src/agents/claude/protocol.ts";

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
  let requests = 0;

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

  const key = (tool: string, input: Record<string, unknown>, directory?: string): string => {
    const asked = toAsk(`r${++requests}`, canUse(tool, input), directory);
    return asked.kind === "permission" ? asked.request.memoryKey : "";
  };
  const ls = { command: "ls" };
  const file = { file_path: "/work/a", content: "a" };

  it.each<[string, [string, Record<string, unknown>, string?], boolean]>([
    ["the same command in other words", ["Bash", { ...ls, description: "List" }, "/work"], true],
    ["the same command with another time limit", ["Bash", { ...ls, timeout: 5 }, "/work"], true],
    ["another command", ["Bash", { command: "ls -a" }, "/work"], false],
    ["the same command in another directory", ["Bash", ls, "/work/sub"], false],
    ["the same command in an unknown directory", ["Bash", ls], false],
    ["the same command by another tool", ["Monitor", ls, "/work"], false],
    [
      "the same command unconfined",
      ["Bash", { ...ls, dangerouslyDisableSandbox: true }, "/work"],
      false,
    ],
    [
      "the same command in the background",
      ["Bash", { ...ls, run_in_background: true }, "/work"],
      false,
    ],
  ])("for a command covers or not: %s", (_, other, covered) => {
    expect(key(...other) === key("Bash", ls, "/work")).toBe(covered);
  });

  it.each<[string, [string, Record<string, unknown>, string?], boolean]>([
    ["other content", ["Write", { ...file, content: "b" }, "/work"], true],
    ["other content in another directory", ["Write", { ...file, content: "b" }, "/"], true],
    ["the same file by its short name", ["Write", { file_path: "a" }, "/work"], true],
    ["a short name in another directory", ["Write", { file_path: "a" }, "/work/sub"], false],
    ["another file", ["Write", { file_path: "/work/b" }, "/work"], false],
    ["another tool", ["Edit", file, "/work"], false],
    ["a notebook", ["NotebookEdit", { ...file, notebook_path: "/work/b.ipynb" }, "/work"], false],
  ])("for a file covers or not: %s", (_, other, covered) => {
    expect(key(...other) === key("Write", file, "/work")).toBe(covered);
  });

  it("for which the directory is unknown equals no other where the directory counts", () => {
    expect(key("Bash", ls)).not.toBe(key("Bash", ls));
    expect(key("Write", { file_path: "a" })).not.toBe(key("Write", { file_path: "a" }));
  });

  it("names the notebook that is changed, whatever else the input names", () => {
    const asked = toAsk("r", canUse("NotebookEdit", { file_path: "/a", notebook_path: "/b" }));
    expect(asked.request).toMatchObject({ metadata: { paths: ["/b"] } });
  });

  it("names the directory of a command", () => {
    expect(toAsk("r", bash, "/work").request).toMatchObject({
      metadata: { command: "touch a", cwd: "/work" },
    });
  });

  it("of another tool counts the whole input, its description too", () => {
    const input = { description: "a", prompt: "p" };
    expect(key("Agent", input)).not.toBe(key("Agent", { ...input, description: "b" }));
    expect(key("Agent", input)).toBe(key("Agent", { ...input }));
  });

  it("of an MCP tool counts every member, also one called __proto__", () => {
    const parse = (text: string) => {
      const raw: unknown = JSON.parse(
        `{"subtype":"can_use_tool","tool_name":"mcp__a__b","input":${text}}`,
      );
      const asked = toAsk("r", CanUseTool.parse(raw), "/work");
      return asked.kind === "permission" ? asked.request.memoryKey : "";
    };
    const texts = ['{"a":1}', '{"a":1,"__proto__":{"b":1}}', '{"a":1,"__proto__":{"b":2}}'];
    expect(new Set(texts.map(parse)).size).toBe(3);
  });
});

describe("a permission reply", () => {
  it.each([
    ["once", { behavior: "allow", updatedInput: bash.input }],
    ["always", { behavior: "allow", updatedInput: bash.input }],
    ["reject", { behavior: "deny", message: "The user rejected this tool call." }],
  ] as const)("%s never returns the rules that the CLI suggests", (reply, decision) => {
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
    ["the first part only", [["Red"]], { "Which color?": "Red" }],
    ["no part", [], {}],
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
