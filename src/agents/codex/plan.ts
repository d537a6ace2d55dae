import type { QuestionRequest } from "../agent.ts";

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
export function planReply(answers: string[][] | null): { approved: boolean; message?: string } {
  const answer = answers?.[0]?.[0];
  if (answer === APPROVE) return { approved: true, message: "Implement the plan." };
  if (answer === undefined || answer === REJECT) return { approved: false };
  return { approved: false, message: answer };
}
