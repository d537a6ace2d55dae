import type { PermissionRequest, QuestionRequest } from "../agent.ts";
import { memoryKey } from "../memory-key.ts";
import { planQuestion, planVerdict } from "../plan-question.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import {
  AskUserQuestionInput,
  type CanUseTool,
  ExitPlanModeInput,
  type PermissionUpdate,
} from "./protocol.ts";

/** The answer to `can_use_tool`, as Claude Code reads it. */
export type ToolDecision =
  | { behavior: "allow"; updatedInput: unknown; updatedPermissions?: PermissionUpdate[] }
  | { behavior: "deny"; message: string };

/** What a `can_use_tool` request is to a client: a question where the tool is one, else a permission. */
export type Ask =
  | { kind: "permission"; request: PermissionRequest }
  | { kind: "question"; request: QuestionRequest };

/** Translates a `can_use_tool` request. */
export function toAsk(id: string, ask: CanUseTool): Ask {
  if (ask.tool_name === "AskUserQuestion") {
    const parsed = AskUserQuestionInput.safeParse(ask.input);
    if (parsed.success) return { kind: "question", request: toQuestion(id, parsed.data) };
  }
  if (ask.tool_name === "ExitPlanMode") return { kind: "question", request: toPlan(id, ask) };
  return { kind: "permission", request: toPermission(id, ask) };
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

function toPermission(id: string, ask: CanUseTool): PermissionRequest {
  const { tool_name, input, tool_use_id, permission_suggestions, blocked_path } = ask;
  const { command, file_path, notebook_path } = input;
  const path = file_path ?? notebook_path;
  const reason = ask.decision_reason;
  return {
    id,
    action: tool_name,
    memoryKey: coveredByAlways(tool_name, input),
    metadata: {
      toolName: tool_name,
      permissionSuggestions: permission_suggestions ?? null,
      blockedPath: blocked_path ?? null,
      tool: tool_name,
      input,
      ...(tool_use_id != null && { call_id: tool_use_id }),
      ...(typeof command === "string" && { command }),
      ...(typeof path === "string" && { paths: [path] }),
      ...(reason != null && { reason }),
    },
  };
}

/**
 * What "always" covers: this tool with this very input. The `description` of a command does not
 * count: it only tells what the model means by the command and changes from call to call.
 */
function coveredByAlways(tool: string, input: Record<string, unknown>): string {
  if (tool !== "Bash") return memoryKey(tool, input);
  const { description: _, ...counted } = input;
  return memoryKey(tool, counted);
}

/** The decision that a permission reply means. */
export function toPermissionDecision(ask: CanUseTool, reply: PermissionReply): ToolDecision {
  if (reply === "reject") {
    return { behavior: "deny", message: "The user rejected this tool call." };
  }
  const allow = { behavior: "allow", updatedInput: ask.input } as const;
  if (reply === "once") return allow;
  // Of the suggestions only rules are taken, and only for this session: others would switch the
  // permission mode or be written into the project's settings (2.1.330).
  const rules = (ask.permission_suggestions ?? [])
    .filter((update) => update.type === "addRules")
    .map((update) => ({ ...update, destination: "session" }));
  return rules.length > 0 ? { ...allow, updatedPermissions: rules } : allow;
}

/** The decision that the answers to a question mean; null rejects it. */
export function toQuestionDecision(ask: CanUseTool, answers: string[][] | null): ToolDecision {
  if (ask.tool_name === "ExitPlanMode") return toPlanDecision(ask, answers);
  if (!answers) return { behavior: "deny", message: "The user declined to answer." };
  const { questions } = AskUserQuestionInput.catch({ questions: [] }).parse(ask.input);
  const byQuestion = Object.fromEntries(
    questions.map(({ question }, index) => [question, (answers[index] ?? []).join(", ")]),
  );
  return { behavior: "allow", updatedInput: { ...ask.input, answers: byQuestion } };
}

function toPlanDecision(ask: CanUseTool, answers: string[][] | null): ToolDecision {
  const { approved, words } = planVerdict(answers);
  if (approved) return { behavior: "allow", updatedInput: ask.input };
  const feedback = words === undefined ? "" : ` They said: ${words}`;
  return { behavior: "deny", message: `The user rejected the plan.${feedback}` };
}
