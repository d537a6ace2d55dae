import type { QuestionRequest } from "../agent.ts";
import { isRecord } from "../json-line.ts";

const APPROVE = "approve";
const REJECT = "reject";

/** Codex ends a turn with its plan and asks nothing (0.169.0): we do, in its place. */
export function planQuestion(id: string, plan: string): QuestionRequest {
  return {
    id,
    questions: [
      {
        question: "Approve plan execution?",
        multi_select: false,
        options: [{ label: APPROVE }, { label: REJECT }],
      },
    ],
    metadata: { kind: "plan", plan },
  };
}

/** What an answer to it means: whether the plan is approved, and what Codex is told; nothing ends the turn. */
export function planReply(result: object): { approved: boolean; message?: string } {
  const answers = isRecord(result) ? result["answers"] : undefined;
  const first: unknown = Array.isArray(answers) ? answers[0] : undefined;
  const answer: unknown = Array.isArray(first) ? first[0] : undefined;
  if (answer === APPROVE) return { approved: true, message: "Implement the plan." };
  if (typeof answer !== "string" || answer === REJECT) return { approved: false };
  return { approved: false, message: answer };
}
