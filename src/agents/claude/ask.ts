import type { PermissionRequest, QuestionRequest } from "../agent.ts";
import { commandKey, fileChangeKey, memoryKey, uniqueKey } from "../memory-key.ts";
import { planQuestion, planVerdict } from "../plan-question.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { AskUserQuestionInput, type CanUseTool, ExitPlanModeInput } from "./protocol.ts";

/** The answer to `can_use_tool`, as Claude Code reads it. */
export type ToolDecision =
  | { behavior: "allow"; updatedInput: unknown }
  | { behavior: "deny"; message: string };

/** What a `can_use_tool` request is to a client: a question where the tool is one, else a permission. */
export type Ask =
  | { kind: "permission"; request: PermissionRequest }
  | { kind: "question"; request: QuestionRequest };

/** Translates a `can_use_tool` request; `directory` is the working directory of the call. */
export function toAsk(id: string, ask: CanUseTool, directory?: string): Ask {
  if (ask.tool_name === "AskUserQuestion") {
    const parsed = AskUserQuestionInput.safeParse(ask.input);
    if (parsed.success) return { kind: "question", request: toQuestion(id, parsed.data) };
  }
  if (ask.tool_name === "ExitPlanMode") return { kind: "question", request: toPlan(id, ask) };
  return { kind: "permission", request: toPermission(id, ask, directory) };
}

function toQuestion(id: string, { questions }: AskUserQuestionInput): QuestionRequest {
  return {
    id,
    questions: questions.map(({ question, header, multiSelect, options }) => ({
      question,
      ...(header !== undefined && { header }),
      multi_select: multiSelect ?? false,
      options: options.map(({ label, description }) => ({
        label,
        ...(description !== undefined && { description }),
      })),
    })),
  };
}

function toPlan(id: string, { input }: CanUseTool): QuestionRequest {
  const { plan } = ExitPlanModeInput.catch({}).parse(input);
  return planQuestion(id, plan);
}

function toPermission(id: string, ask: CanUseTool, directory?: string): PermissionRequest {
  const { tool_name, input, tool_use_id, permission_suggestions, blocked_path } = ask;
  // Members of these names in the input of an MCP tool need not be what the tool runs or changes.
  const { command, file_path, notebook_path } = tool_name.startsWith("mcp__") ? {} : input;
  const path = tool_name === "NotebookEdit" ? notebook_path : file_path;
  const reason = ask.decision_reason;
  return {
    id,
    action: tool_name,
    memoryKey: keyOf(id, ask, path, directory),
    metadata: {
      toolName: tool_name,
      permissionSuggestions: permission_suggestions ?? null,
      blockedPath: blocked_path ?? null,
      tool: tool_name,
      input,
      ...(tool_use_id != null && { call_id: tool_use_id }),
      ...(typeof command === "string" && { command }),
      ...(typeof command === "string" && directory !== undefined && { cwd: directory }),
      ...(typeof path === "string" && { paths: [path] }),
      ...(reason != null && { reason }),
    },
  };
}

/** Tools that change the file which their input names. */
const EDITING = new Set(["Edit", "MultiEdit", "Write", "NotebookEdit"]);

/**
 * Key of a request. `directory` is the working directory of the call. Without it, a request that
 * depends on the directory is equal to no other. The `description` of a command is a comment of the
 * model, and its `timeout` only ends it earlier.
 */
function keyOf(
  id: string,
  { tool_name: tool, input }: CanUseTool,
  path: unknown,
  directory: string | undefined,
): string {
  const { command, description: _, timeout: __, ...modifiers } = input;
  if (tool.startsWith("mcp__")) return memoryKey(tool, input);
  if (typeof command === "string") {
    return directory === undefined
      ? uniqueKey(id)
      : commandKey(tool, command, directory, modifiers);
  }
  if (!EDITING.has(tool)) return memoryKey(tool, { input, directory });
  if (typeof path !== "string") return uniqueKey(id);
  if (directory === undefined && !path.startsWith("/")) return uniqueKey(id);
  return fileChangeKey(tool, [path], directory ?? "/");
}

/**
 * Decision for a permission reply. The CLI always receives an acceptance for one call, because the
 * rules that it suggests cover more than the call. The session remembers "always".
 */
export function toPermissionDecision(ask: CanUseTool, reply: PermissionReply): ToolDecision {
  return reply === "reject"
    ? { behavior: "deny", message: "The user rejected this tool call." }
    : { behavior: "allow", updatedInput: ask.input };
}

/** The decision that the answers to a question mean; null rejects it. */
export function toQuestionDecision(ask: CanUseTool, answers: string[][] | null): ToolDecision {
  if (ask.tool_name === "ExitPlanMode") return toPlanDecision(ask, answers);
  if (!answers) return { behavior: "deny", message: "The user declined to answer." };
  const { questions } = AskUserQuestionInput.catch({ questions: [] }).parse(ask.input);
  const answered = questions.flatMap(({ question }, index) => {
    const labels = answers[index] ?? [];
    return labels.length === 0 ? [] : [[question, labels.join(", ")] as const];
  });
  const byQuestion = Object.fromEntries(answered);
  return { behavior: "allow", updatedInput: { ...ask.input, answers: byQuestion } };
}

function toPlanDecision(ask: CanUseTool, answers: string[][] | null): ToolDecision {
  const { approved, words } = planVerdict(answers);
  if (approved) return { behavior: "allow", updatedInput: ask.input };
  const feedback = words === undefined ? "" : ` They said: ${words}`;
  return { behavior: "deny", message: `The user rejected the plan.${feedback}` };
}
